import { randomInt } from 'node:crypto';

import {
  type Counted,
  QUOTA_SLOTS,
  type QuotaCall,
  quotaExceeded,
  slotCapacity,
} from '@app/accounts';

import type { Database } from '../sql/database.js';
import { PERIOD, periodText, type Statements } from '../sql/statements.js';

/** Chooses a slot at random, so that concurrent calls rarely wait for the same row. */
export const anySlot = (): number => randomInt(QUOTA_SLOTS);

/** Adds to the quota slot `q`. The `where` that follows changes no row if the slot is full. */
export const ONE_MORE = `on conflict on constraint quota_slots_pk do update set used = q.used + excluded.used`;

const COUNT_IN_ONE_SLOT = `
  insert into quota_slots as q (account_id, period, kind, slot, used)
  select $1, ${PERIOD}, $2, $3::smallint, 1 where $4::int > 0
  ${ONE_MORE} where q.used < $4
  returning ${periodText('q.period')} as period, q.slot`;

const USED = `
  select coalesce(sum(used), 0)::float8 as used from quota_slots
   where account_id = $1 and period = ${PERIOD} and kind = $2`;

/** Slots are locked in ascending order, here and below: two transactions wait for each other and never deadlock. */
const MAKE_SLOTS = `
  insert into quota_slots (account_id, period, kind, slot, used)
  select $1, ${PERIOD}, $2, slot, 0 from generate_series(0, ${QUOTA_SLOTS - 1}) as slot order by slot
      on conflict do nothing`;

/** The limit applies to the sum of all slots: after a change to a smaller limit, one slot may exceed its capacity. */
const TAKE = `
  with held as materialized (
    select slot, used from quota_slots
     where account_id = $1 and period = ${PERIOD} and kind = $2 order by slot for update
  ), shares as (
    select held.slot, greatest(share.capacity - held.used, 0) as room
      from held join unnest($3::int[]) with ordinality as share(capacity, place) on share.place = held.slot + 1
  ), numbered as (
    select slot, room, sum(room) over (order by slot) - room as before from shares
  ), taken as (
    select slot, least(room, wanted.calls - before) as calls
      from numbered, (select least($4, $5 - sum(used)) as calls from held) as wanted
     where room > 0 and before < wanted.calls
  )
  update quota_slots as q set used = q.used + taken.calls from taken
   where q.account_id = $1 and q.period = ${PERIOD} and q.kind = $2 and q.slot = taken.slot
  returning ${periodText('q.period')} as period, q.slot, taken.calls::int as calls`;

const NOTE_EXHAUSTION = `
  insert into quota_exhaustions (account_id, period, exhausted_at)
  values ($1, ${PERIOD}, now()) on conflict do nothing`;

/** Counts one call in a random slot, in the given transaction. Undefined: that slot is full, but another may have room. */
async function countInOneSlot(
  statements: Statements,
  call: QuotaCall,
): Promise<Counted | undefined> {
  const [counted] = await statements.query<Counted>(COUNT_IN_ONE_SLOT, oneSlotOf(call));
  return counted;
}

function oneSlotOf({ accountId, kind, limit }: QuotaCall): readonly unknown[] {
  const slot = anySlot();
  return [accountId, kind, slot, slotCapacity(limit, slot)];
}

/**
 * Counts one call, and commits.
 * @throws AppError `quota_exceeded`
 */
export async function countCall(database: Database, call: QuotaCall): Promise<Counted> {
  const [first] = await database.prepared<Counted>(
    'count_call',
    COUNT_IN_ONE_SLOT,
    oneSlotOf(call),
  );
  if (first) return first;
  const [counted] = await database.inTransaction((statements) =>
    countInAllSlots(statements, call, 1),
  );
  if (counted) return counted;
  throw quotaExceeded(call.kind, call.limit ?? 0, new Date());
}

/**
 * Counts as many of `wanted` calls as all slots have room for, and locks the slots until the transaction ends. The transaction
 * must not have locked a slot before. The first time in a period that a call is not counted is stored in quota_exhaustions.
 * @returns one entry for each counted call.
 */
export async function countInAllSlots(
  statements: Statements,
  call: QuotaCall,
  wanted: number,
): Promise<readonly Counted[]> {
  const counted = await takeSlots(statements, call, wanted);
  if (counted.length < wanted) await statements.query(NOTE_EXHAUSTION, [call.accountId]);
  return counted;
}

async function takeSlots(
  statements: Statements,
  { accountId, kind, limit }: QuotaCall,
  wanted: number,
): Promise<readonly Counted[]> {
  const most = limit ?? Number.MAX_SAFE_INTEGER;
  const [all] = await statements.query<{ used: number }>(USED, [accountId, kind]);
  // Read without a lock: repeated calls over the quota must not slow down other calls.
  if ((all?.used ?? 0) >= most) return [];
  await statements.query(MAKE_SLOTS, [accountId, kind]);
  const capacities = Array.from({ length: QUOTA_SLOTS }, (_, slot) => slotCapacity(limit, slot));
  const taken = await statements.query<Counted & { readonly calls: number }>(TAKE, [
    accountId,
    kind,
    capacities,
    wanted,
    most,
  ]);
  return taken.flatMap(({ period, slot, calls }) =>
    Array.from({ length: calls }, () => ({ period, slot })),
  );
}

/**
 * Runs `work` in a transaction that also counts one call.
 * @throws AppError `quota_exceeded`
 */
export async function withCountedCall<Result>(
  database: Database,
  call: QuotaCall,
  work: (statements: Statements, counted: Counted) => Promise<Result>,
): Promise<Result> {
  const { accountId } = call;
  const first = await database.write(accountId, async (statements) => {
    const counted = await countInOneSlot(statements, call);
    return counted && { result: await work(statements, counted) };
  });
  if (first) return first.result;
  // A new transaction: the first one may hold a slot, and slots must be locked in ascending order.
  const second = await database.write(accountId, async (statements) => {
    const [counted] = await countInAllSlots(statements, call, 1);
    return counted && { result: await work(statements, counted) };
  });
  if (second) return second.result;
  throw quotaExceeded(call.kind, call.limit ?? 0, new Date());
}
