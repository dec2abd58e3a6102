import type { Scope } from '@app/memory';

import type { Frequencies } from '../search/candidate-budget.js';
import { inScope } from './conditions.js';
import { type Statements, Values } from './statements.js';

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
