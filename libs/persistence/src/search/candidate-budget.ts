import type { Scope } from '@app/memory';

import { inScope } from '../sql/conditions.js';
import { type Statements, Values } from '../sql/statements.js';

/** Ranking costs 2 to 4 µs a candidate, so this bounds the cost of a question, however large its scope. */
export const CANDIDATE_BUDGET = 20_000;

/** The cost of ranking grows with the number of lexemes. A question of forty words has about this many. */
export const MAX_LEXEMES = 64;

/** The fraction of all memories that contain a lexeme, by Postgres' statistics. Rare lexemes have no entry. */
export type Frequencies = ReadonlyMap<string, number>;

/**
 * Chooses the lexemes that select candidates. In a scope within the budget: all of them. In a larger one: the rarest, as long
 * as the expected number of candidates stays within the budget, and at least one. Ranking still uses all given lexemes.
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
 * Chooses the lexemes that rank candidates: all lexemes of an ordinary question. If there are more than `most`, it chooses the
 * rarest, and among those without statistics the longest.
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

/** A tsquery that matches any of the lexemes. Each is quoted, so that none is read as an operator. */
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
 * Caches the statistics that plan a question in a large scope: they are estimates, so values one minute old are good enough.
 * Only values are cached, not running statements: an aborted call cancels its statement.
 */
export class SearchStatistics {
  readonly #sizes = new Map<string, Kept<number>>();
  readonly #sizesWithinBudget = new Map<string, Kept<number>>();
  #frequencies: Kept<Frequencies> | undefined;

  /** The number of memories in a scope; at most one minute old. */
  sizeOf(statements: Statements, scope: Scope): Promise<number> {
    return keptSize(this.#sizes, scope, () => countMemories(statements, scope));
  }

  /** The same, counted up to CANDIDATE_BUDGET + 1. */
  sizeWithinBudget(statements: Statements, scope: Scope): Promise<number> {
    return keptSize(this.#sizesWithinBudget, scope, () =>
      countMemories(statements, scope, CANDIDATE_BUDGET + 1),
    );
  }

  /** Frequencies of the most common lexemes. The second array of `pg_stats` ends with extra values that belong to no lexeme. */
  async frequencies(statements: Statements): Promise<Frequencies> {
    if (isFresh(this.#frequencies)) return this.#frequencies.value;
    const frequencies = await readFrequencies(statements);
    this.#frequencies = keep(frequencies);
    return frequencies;
  }
}

async function keptSize(
  sizes: Map<string, Kept<number>>,
  { accountId, tenantId }: Scope,
  count: () => Promise<number>,
): Promise<number> {
  const key = JSON.stringify([accountId, tenantId]);
  const kept = sizes.get(key);
  if (isFresh(kept)) return kept.value;
  const size = await count();
  if (sizes.size >= SCOPES_KEPT) sizes.clear();
  sizes.set(key, keep(size));
  return size;
}

async function countMemories(statements: Statements, scope: Scope, most?: number): Promise<number> {
  const values = new Values();
  const memories = `select from memories m where ${inScope(scope, {}, values)}`;
  const limit = most === undefined ? '' : `limit ${most}`;
  const [row] = await statements.query<{ size: number }>(
    `select count(*)::int as size from (${memories} ${limit}) as counted`,
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
