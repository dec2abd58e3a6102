import type { Statements } from '../sql/statements.js';

/** The columns of the unique index `memories_one_current_per_fold`: at most one current memory may hold a fact. */
export interface DuplicateKeys {
  readonly accountId: string;
  readonly tenant: string;
  readonly source: string;
  readonly folds: readonly Buffer[];
}

/** Locked in the order of folds, as memories are inserted: two writes wait for each other and never deadlock. */
const RELEASE = `
  with ended as (
    select id from memories
     where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = any($4::bytea[]) and current and valid_to <= $5
     order by fold_hash
       for update
  )
  update memories m set current = false from ended where m.id = ended.id
  returning m.id`;

/**
 * Sets `current = false` for memories whose end was in the future when it was stored and has passed since. Nothing updates
 * them at that time, so the next write or restore that needs the same fold does.
 * @returns how many memories were updated.
 */
export async function releaseEndedFolds(
  statements: Statements,
  { accountId, tenant, source, folds }: DuplicateKeys,
  now: Date,
): Promise<number> {
  return (await statements.query(RELEASE, [accountId, tenant, source, folds, now])).length;
}
