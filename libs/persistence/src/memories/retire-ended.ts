import type { Statements } from '../sql/statements.js';

/** Where one fact stands once. */
export interface Twins {
  readonly accountId: string;
  readonly tenant: string;
  readonly source: string;
  readonly folds: readonly Buffer[];
}

/** In the order of their folds, as memories are stored: who needs several must not deadlock. */
const RETIRE = `
  with ended as (
    select id from memories
     where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = any($4::bytea[]) and current and valid_to <= $5
     order by fold_hash
       for update
  )
  update memories m set current = false from ended where m.id = ended.id
  returning m.id`;

/**
 * Memories whose end was still to come when it was told: nothing writes when it comes, so whoever needs their place says
 * that they have gone.
 * @returns how many there were.
 */
export async function retireEnded(
  statements: Statements,
  { accountId, tenant, source, folds }: Twins,
  now: Date,
): Promise<number> {
  return (await statements.query(RETIRE, [accountId, tenant, source, folds, now])).length;
}
