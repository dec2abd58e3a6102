import type { Scope } from '@app/memory';

import { inScope } from '../sql/conditions.js';
import { type Statements, Values } from '../sql/statements.js';

/** Ranking costs 2 to 4 µs a candidate, so this bounds the cost of a question, however large its scope. */
export const CANDIDATE_BUDGET = 20_000;

/** Ranking costs by the lexeme as well. A question of forty words has about as many. */
export const MAX_LEXEMES = 64;

/** In how large a part of all memories a lexeme stands, by Postgres' statistics; undefined for one too rare to be in them. */
export type Frequencies = ReadonlyMap<string, number>;

/**
 * The lexemes that candidates are matched by: rarest first, while the candidates they may bring stay within the budget; at
 * least one. In a scope within the budget: all of them. Ranking looks at all of the given ones.
 */
export function lexemesToMatch(
  lexemes: readonly string[],
  frequencies: Frequencies,
  scopeSize: number,
): readonly string[] {
  if (scopeSize <= CANDIDATE_BUDGET) return lexemes;
  const expected = (lexeme: string): number => (frequencies.get(lexeme) ?? 0) * scopeSize;
  const rarestFirst = lexemes.toSorted((a, b) => expected(a) - expected(b));
  let candidates = 0;
  const within = rarestFirst.filter(
    (lexeme) => (candidates += expected(lexeme)) <= CANDIDATE_BUDGET,
  );
  return within.length > 0 ? within : rarestFirst.slice(0, 1);
}

/**
 * The lexemes that candidates are ranked by: all of an ordinary question. Of more than MAX_LEXEMES the rarest, and among
 * those that the statistics do not know the longest.
 */
export function lexemesToRank(
  lexemes: readonly string[],
  frequencies: Frequencies,
  most = MAX_LEXEMES,
): readonly string[] {
  if (lexemes.length <= most) return lexemes;
  const rarity = (lexeme: string): number => frequencies.get(lexeme) ?? 0;
  return lexemes.toSorted((a, b) => rarity(a) - rarity(b) || b.length - a.length).slice(0, most);
}

/** The lexemes as a tsquery that any one of them satisfies. Each is quoted: none is an operator. */
export function anyOf(lexemes: readonly string[]): string {
  return lexemes.map((lexeme) => `'${lexeme.replace(/['\\]/g, '$&$&')}'`).join(' | ');
}

const KEPT_MS = 60_000;
const SCOPES_KEPT = 1_000;

const FREQUENCIES = `
  select most_common_elems::text::text[] as lexemes, most_common_elem_freqs as frequencies
    from pg_stats
   where schemaname = current_schema() and tablename = 'memories' and attname = 'search_document'`;

interface Kept<Value> {
  readonly value: Value;
  readonly until: number;
}

/**
 * What a large scope's questions are planned by: estimates, so a minute old is good enough. Values are kept, not the
 * statements under way: those end with the call that began them.
 */
export class SearchStatistics {
  readonly #sizes = new Map<string, Kept<number>>();
  #frequencies: Kept<Frequencies> | undefined;

  /** How many memories a scope holds, exactly as of at most a minute ago. */
  async sizeOf(statements: Statements, scope: Scope): Promise<number> {
    const key = JSON.stringify([scope.accountId, scope.tenantId]);
    const kept = this.#sizes.get(key);
    if (isFresh(kept)) return kept.value;
    const size = await countMemories(statements, scope);
    if (this.#sizes.size >= SCOPES_KEPT) this.#sizes.clear();
    this.#sizes.set(key, keep(size));
    return size;
  }

  /** Of the commonest lexemes; the last figures of the second array are not lexemes' own. */
  async frequencies(statements: Statements): Promise<Frequencies> {
    if (isFresh(this.#frequencies)) return this.#frequencies.value;
    const frequencies = await readFrequencies(statements);
    this.#frequencies = keep(frequencies);
    return frequencies;
  }
}

async function countMemories(statements: Statements, scope: Scope): Promise<number> {
  const values = new Values();
  const [row] = await statements.query<{ size: number }>(
    `select count(*)::int as size from memories m where ${inScope(scope, {}, values)}`,
    values.list,
  );
  return row?.size ?? 0;
}

async function readFrequencies(statements: Statements): Promise<Frequencies> {
  const [row] = await statements.query<{
    lexemes: string[] | null;
    frequencies: number[] | null;
  }>(FREQUENCIES);
  return new Map(
    (row?.lexemes ?? []).map((lexeme, index) => [lexeme, row?.frequencies?.[index] ?? 0]),
  );
}

const keep = <Value>(value: Value): Kept<Value> => ({ value, until: Date.now() + KEPT_MS });

const isFresh = <Value>(kept: Kept<Value> | undefined): kept is Kept<Value> =>
  kept !== undefined && kept.until > Date.now();
