import { quotaExceeded, slotCapacity } from '@app/accounts';
import { AppError, failureOf } from '@app/errors';
import { isContent, type NewWrite } from '@app/memory';

import { tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { PERIOD } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { anySlot, countInAllSlots, ONE_MORE } from './count-calls.js';
import { insertQueuedWrites } from './job-lifecycle.js';

/** One write has a statement of its own: ACCEPT_MANY would take 1.5 times as long. */
const ACCEPT_ONE = `
  with counted as (
    insert into quota_slots as q (account_id, period, kind, slot, used)
    select $2::uuid, ${PERIOD}, 'write', $14::smallint, 1 where $15::int > 0
    ${ONE_MORE} where q.used < $15::int
    returning q.period, q.slot
  )
  ${insertQueuedWrites(`
    from counted, (select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::text, $9::jsonb, $10::text,
                          $11::boolean, $12::timestamptz, $13::text) as w`)}`;

const GIVEN = `
  (select id, account_id, api_key_id, tenant_id, llm_account, llm_provider, llm_model, llm_base_url_host, request::jsonb,
          request_id, waiting, deadline_at, mode
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                 $10::text[], $11::boolean[], $12::timestamptz[], $13::text[])
       as w(id, account_id, api_key_id, tenant_id, llm_account, llm_provider, llm_model, llm_base_url_host, request,
            request_id, waiting, deadline_at, mode)) as w`;

/**
 * Counts all writes of an account in one slot. Slots are locked in the order of accounts: two gateways wait for each other and
 * never deadlock.
 */
const ACCEPT_MANY = `
  with asked as (
    select * from unnest($14::uuid[], $15::smallint[], $16::int[], $17::int[]) as a(account_id, slot, calls, capacity)
  ), counted as (
    insert into quota_slots as q (account_id, period, kind, slot, used)
    select account_id, ${PERIOD}, 'write', slot, calls from asked where calls <= capacity order by account_id
    ${ONE_MORE}
     where q.used + excluded.used <= (select capacity from asked where asked.account_id = excluded.account_id)
    returning q.account_id, q.period, q.slot
  )
  ${insertQueuedWrites(`from ${GIVEN} join counted on counted.account_id = w.account_id`)}`;

/** Inserts writes that are already counted, each with its slot. */
const ACCEPT_COUNTED = insertQueuedWrites(
  `from ${GIVEN} join unnest($1::uuid[], $14::date[], $15::smallint[]) as counted(id, period, slot) on counted.id = w.id`,
);

/**
 * Inserts any number of writes with one statement and one commit. Writes whose quota slot is full are tried again, account by
 * account, with all slots of the account.
 */
export async function acceptWrites(
  database: Database,
  writes: readonly NewWrite[],
): Promise<readonly (AppError | undefined)[]> {
  const accepted = new Set(await acceptAtOnce(database, writes));
  const left = Map.groupBy(
    writes.filter(({ id }) => !accepted.has(id)),
    ({ asker }) => asker.accountId,
  );
  const refusals = new Map<string, AppError>();
  for (const [accountId, some] of left) {
    for (const [id, refusal] of await acceptUpToLimit(database, accountId, some))
      refusals.set(id, refusal);
  }
  return writes.map(({ id }) => refusals.get(id));
}

async function acceptAtOnce(
  database: Database,
  writes: readonly NewWrite[],
): Promise<readonly string[]> {
  const [first, second] = writes;
  if (first === undefined) return [];
  if (second === undefined) {
    const slot = anySlot();
    const values = [...columnsOf(first), slot, slotCapacity(first.writesPerMonth, slot)];
    return idsOf(await database.prepared<{ id: string }>('accept_one', ACCEPT_ONE, values));
  }
  const asked = [...Map.groupBy(writes, ({ asker }) => asker.accountId)].map(([accountId, its]) => {
    const slot = anySlot();
    return [accountId, slot, its.length, slotCapacity(limitOf(its), slot)];
  });
  const values = [...columnArrays(writes.map(columnsOf)), ...columnArrays(asked)];
  return idsOf(await database.prepared<{ id: string }>('accept_many', ACCEPT_MANY, values));
}

/**
 * Counts the writes in all slots of their account and inserts the first ones, as many as were counted. Writes of other
 * accounts may be committed already, so an error refuses only the given writes and is not thrown.
 * @returns the refused writes, each with its error.
 */
async function acceptUpToLimit(
  database: Database,
  accountId: string,
  writes: readonly NewWrite[],
): Promise<ReadonlyMap<string, AppError>> {
  const limit = limitOf(writes);
  try {
    const taken = await database.inTransaction(async (statements) => {
      const call = { accountId, kind: 'write', limit } as const;
      const counted = await countInAllSlots(statements, call, writes.length);
      const rows = counted.map(({ period, slot }, index) => [period, slot, writes[index]] as const);
      const columns = rows.flatMap(([, , write]) => (write ? [columnsOf(write)] : []));
      const places = [rows.map(([period]) => period), rows.map(([, slot]) => slot)];
      if (rows.length > 0)
        await statements.query(ACCEPT_COUNTED, [...columnArrays(columns), ...places]);
      return rows.length;
    });
    return refuse(writes.slice(taken), quotaExceeded('write', limit ?? 0, new Date()));
  } catch (error) {
    if (error instanceof AppError) return refuse(writes, error);
    const { code, detail } = failureOf(error);
    return refuse(writes, new AppError(code, detail, { cause: error }));
  }
}

/** The tier may have changed between two writes of an account: the last write has the newer limit. */
const limitOf = (writes: readonly NewWrite[]): number | null =>
  writes.at(-1)?.writesPerMonth ?? null;

const refuse = (writes: readonly NewWrite[], why: AppError): ReadonlyMap<string, AppError> =>
  new Map(writes.map(({ id }) => [id, why]));

const idsOf = (rows: readonly { readonly id: string }[]): readonly string[] =>
  rows.map(({ id }) => id);

export const columnArrays = (rows: readonly (readonly unknown[])[]): readonly unknown[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));

function columnsOf({
  id,
  asker,
  request,
  llmAccount,
  audit,
  requestId,
  waiting,
  deadlineAt,
}: NewWrite): readonly unknown[] {
  return [
    id,
    asker.accountId,
    asker.apiKeyId,
    tenantColumn(request.tenantId),
    llmAccount,
    audit?.provider ?? null,
    audit?.model ?? null,
    audit?.baseUrlHost ?? null,
    storableJson(request),
    requestId,
    waiting,
    deadlineAt,
    isContent(request) ? 'content' : 'messages',
  ];
}
