import { QUOTA_SLOTS } from '@app/accounts';

import { PERIOD } from './period.js';
import type { Statements } from './statements.js';

/** In the order in which every statement takes slots. */
const MAKE_SLOTS = `
  insert into quota_slots (account_id, period, kind, slot, used)
  select $1, ${PERIOD}, kind, slot, 0
    from unnest(array['query', 'write']) as kind, generate_series(0, ${QUOTA_SLOTS - 1}) as slot order by kind, slot
      on conflict do nothing`;

const LEVEL = `
  with held as materialized (
    select kind, slot, used from quota_slots where account_id = $1 and period = ${PERIOD} order by kind, slot for update
  ), totals as (
    select kind, sum(used) as used from held group by kind
  )
  update quota_slots as q
     set used = totals.used / ${QUOTA_SLOTS} + case when q.slot < totals.used % ${QUOTA_SLOTS} then 1 else 0 end
    from totals where q.account_id = $1 and q.period = ${PERIOD} and q.kind = totals.kind`;

const FORGIVE = `delete from quota_exhaustions where account_id = $1 and period = ${PERIOD}`;

/**
 * Another tier: what was used is spread evenly over the slots, as their new capacities are, so that a smaller limit is
 * exact as well; and a block ends.
 */
export async function beginTier(statements: Statements, accountId: string): Promise<void> {
  await statements.query(MAKE_SLOTS, [accountId]);
  await statements.query(LEVEL, [accountId]);
  await statements.query(FORGIVE, [accountId]);
}
