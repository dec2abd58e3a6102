import type { Scope } from '@app/memory';

import type { Frequencies } from './candidate-budget.js';
import { inScope } from './conditions.js';
import type { Database } from './database.js';
import { Values } from './statements.js';

const KEPT_MS = 60_000;
const SCOPES_KEPT = 1_000;

const FREQUENCIES = `
  select most_common_elems::text::text[] as lexemes, most_common_elem_freqs as frequencies
    from pg_stats
   where schemaname = current_schema() and tablename = 'memories' and attname = 'search_document'`;

interface Kept<Value> {
  readonly value: Promise<Value>;
  readonly until: number;
}

/** What a large scope's questions are planned by: estimates, so a minute old is good enough. */
export class SearchStatistics {
  readonly #sizes = new Map<string, Kept<number>>();
  #frequencies: Kept<Frequencies> | undefined;

  constructor(private readonly database: Database) {}

  /** How many memories a scope holds, exactly as of at most a minute ago. */
  sizeOf(scope: Scope): Promise<number> {
    const key = JSON.stringify([scope.accountId, scope.tenantId]);
    const kept = this.#sizes.get(key);
    if (kept !== undefined && kept.until > Date.now()) return kept.value;
    if (this.#sizes.size >= SCOPES_KEPT) this.#sizes.clear();
    const fresh = keep(this.#count(scope), () => this.#sizes.delete(key));
    this.#sizes.set(key, fresh);
    return fresh.value;
  }

  /** Of the commonest lexemes; the last figures of the second array are not lexemes' own. */
  frequencies(): Promise<Frequencies> {
    if (this.#frequencies !== undefined && this.#frequencies.until > Date.now())
      return this.#frequencies.value;
    this.#frequencies = keep(this.#readFrequencies(), () => (this.#frequencies = undefined));
    return this.#frequencies.value;
  }

  async #count(scope: Scope): Promise<number> {
    const values = new Values();
    const [row] = await this.database.query<{ size: number }>(
      `select count(*)::int as size from memories m where ${inScope(scope, {}, values)}`,
      values.list,
    );
    return row?.size ?? 0;
  }

  async #readFrequencies(): Promise<Frequencies> {
    const [row] = await this.database.query<{
      lexemes: string[] | null;
      frequencies: number[] | null;
    }>(FREQUENCIES);
    return new Map(
      (row?.lexemes ?? []).map((lexeme, index) => [lexeme, row?.frequencies?.[index] ?? 0]),
    );
  }
}

/** A failed look-up is forgotten at once. */
function keep<Value>(value: Promise<Value>, forget: () => void): Kept<Value> {
  value.catch(forget);
  return { value, until: Date.now() + KEPT_MS };
}
