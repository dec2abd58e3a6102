import type { Statements } from '../sql/statements.js';

/** Of these an account may have very many. */
const LARGE = ['writes', 'queries', 'idempotency_records'];
/** Of these it has a few. Its own erasures too: they name tenants. */
const SMALL = ['quota_slots', 'quota_exhaustions', 'usage_slots'];

/** Deletes at most `limit` of the rows that an account has besides its memories. */
export async function deleteRows(
  statements: Statements,
  accountId: string,
  limit: number,
): Promise<number> {
  let deleted = 0;
  for (const table of LARGE) {
    const rows = await statements.query(
      `with batch as materialized (
         select ctid from ${table} where account_id = $1 limit $2 for update
       )
       delete from ${table} where ctid in (select ctid from batch) returning 1`,
      [accountId, limit - deleted],
    );
    deleted += rows.length;
  }
  return deleted;
}

/** Deletes the rest: all that still names the account is then its audit, and the row of the erasure. */
export async function deleteRest(
  statements: Statements,
  accountId: string,
  erasureId: string,
): Promise<void> {
  for (const table of SMALL)
    await statements.query(`delete from ${table} where account_id = $1`, [accountId]);
  await statements.query('delete from erasures where account_id = $1 and id <> $2', [
    accountId,
    erasureId,
  ]);
}
