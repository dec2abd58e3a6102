import { slotCapacity } from '@app/accounts';
import type { Remembered, RememberedWrite } from '@app/memory';

import {
  insertFirstVersions,
  insertMemoriesFrom,
  MEMORY_ROW,
  memoryRows,
} from '../memories/store-memories.js';
import { searchDocument } from '../search/search-documents.js';
import { tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { StatementFailed } from '../sql/failed-statement.js';
import { NOW, PERIOD } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { anySlot, ONE_MORE } from './count-calls.js';
import { insertSucceededWrite } from './job-lifecycle.js';
import { factOf, resultOf } from './remember-fact.js';

const NO_WORDS = `''::tsvector`;

/**
 * Counts a content write and stores it with its memory. It stores nothing if the quota slot is full, or a current memory
 * has the fact. If another write stores that memory at the same time, the division by zero takes everything back.
 */
const REMEMBER = `
  with w as materialized (
    select ${NOW} as now, $1::uuid as id, $2::uuid as account_id, $3::uuid as api_key_id, $4::text as tenant_id, $5::text as source,
           $6::text as session_id, $7::text as external_id, $8::jsonb as metadata, null::jsonb as extraction
  ), r as materialized (
    select * from jsonb_to_recordset($9::jsonb) as r(${MEMORY_ROW})
  ), counted as (
    insert into quota_slots as q (account_id, period, kind, slot, used)
    select w.account_id, ${PERIOD}, 'write', $10::smallint, 1
      from w cross join r
     where $11::int > 0
       and not exists (select from memories m where m.account_id = w.account_id and m.tenant_id = w.tenant_id and m.source = w.source
                                                and m.fold_hash = decode(r.fold_hash, 'hex') and m.current)
    ${ONE_MORE} where q.used < $11::int
    returning q.period as quota_period, q.slot as quota_slot
  ), stored as (
    ${insertMemoriesFrom('from w cross join r cross join counted', searchDocument(NO_WORDS, NO_WORDS))}
  ), ${insertFirstVersions('(select stored.*, w.api_key_id from stored cross join w) as m')}, written as (
    ${insertSucceededWrite(`from (select w.*, counted.*, $12::text as request_id, $13::jsonb as result
                                    from w cross join counted) as w`)}
  )
  select 1 / (select count(*) from stored) as stored from counted`;

const DIVISION_BY_ZERO = '22012';

/** @returns undefined: nothing was stored. A transaction has to find out why. */
export async function rememberAtOnce(
  database: Database,
  { id, asker, request, requestId, writesPerMonth }: RememberedWrite,
): Promise<Remembered | undefined> {
  const fact = factOf(request);
  const slot = anySlot();
  const values = [
    id,
    asker.accountId,
    asker.apiKeyId,
    tenantColumn(request.tenantId),
    request.source,
    request.sessionId,
    request.externalId,
    storableJson(request.metadata),
    storableJson(memoryRows([fact], []).facts),
    slot,
    slotCapacity(writesPerMonth, slot),
    requestId,
    storableJson(resultOf(request, 'saved', fact.id)),
  ];
  const remembered = { writeId: id, status: 'saved', memoryId: fact.id } as const;
  try {
    const statement = { name: 'remember', text: REMEMBER, values };
    const rows = await database.writeAtOnce(asker.accountId, statement);
    return rows.length === 0 ? undefined : remembered;
  } catch (error) {
    if (error instanceof StatementFailed && error.sqlState === DIVISION_BY_ZERO) return undefined;
    throw error;
  }
}
