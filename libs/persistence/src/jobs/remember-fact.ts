import { v7 as uuidv7 } from 'uuid';

import type { Counted } from '@app/accounts';
import { AppError } from '@app/errors';
import { CONFLICT_RETRY_AFTER_MS } from '@app/jobs/policy';
import {
  type Asker,
  contentResult,
  type ContentWrite,
  type Remembered,
  type RememberedWrite,
  uncompared,
  type WriteResult,
} from '@app/memory';

import { insertSucceededWrite } from './job-lifecycle.js';
import { foldHash, tenantColumn } from '../sql/columns.js';
import { clock, type Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import {
  INSERT_FIRST_VERSIONS,
  insertMemories,
  type NewMemory,
} from '../memories/store-memories.js';

const FIND_DUPLICATE = `
  select id from memories
   where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = $4 and current`;

const INSERT_WRITE = insertSucceededWrite(`
  from (select $1::uuid as id, $2::uuid as account_id, $3::uuid as api_key_id, $4::text as tenant_id, $5::text as request_id,
               $6::timestamptz as now, $7::jsonb as result, $8::date as quota_period, $9::smallint as quota_slot) as w`);

/** Stores a content write and its memory, in the given transaction. A duplicate adds no memory. */
export async function rememberFact(
  statements: Statements,
  { id, asker, request, requestId }: RememberedWrite,
  counted: Counted,
): Promise<Remembered> {
  const now = await clock(statements);
  const memory = factOf(request);
  const origin = { writeId: id, ...asker, scope: request, extraction: null, messages: [], now };
  const saved = (await insertMemories(statements, origin, [memory])).size === 1;
  if (saved)
    await statements.query(`with ${INSERT_FIRST_VERSIONS} select`, [
      id,
      asker.accountId,
      asker.apiKeyId,
      [memory.id],
    ]);

  const memoryId = saved ? memory.id : await findDuplicate(statements, asker, request);
  const status = saved ? 'saved' : 'duplicate';
  const result = resultOf(request, status, memoryId);
  await statements.query(INSERT_WRITE, [
    id,
    asker.accountId,
    asker.apiKeyId,
    tenantColumn(request.tenantId),
    requestId,
    now,
    storableJson(result),
    counted.period,
    counted.slot,
  ]);
  return { writeId: id, status, memoryId };
}

export const factOf = (request: ContentWrite): NewMemory => ({
  id: uuidv7(),
  text: request.content,
  topic: request.topic,
  category: request.category,
  importance: request.importance,
  validFrom: request.validFrom ?? request.recordedAt,
  capturedAt: request.recordedAt,
  cited: [],
  neighbours: [],
});

/** Only workers classify, so the gateway compares no fact with current memories. */
export const resultOf = (
  request: ContentWrite,
  status: 'saved' | 'duplicate',
  memoryId: string,
): WriteResult => {
  const skipped = request.supersession ? 'classifier_unavailable' : 'disabled';
  return contentResult(request, status, uncompared(memoryId, skipped));
};

/** Returns the id of the current memory that already holds the content. */
export async function findDuplicate(
  statements: Statements,
  { accountId }: Asker,
  request: ContentWrite,
): Promise<string> {
  const [row] = await statements.query<{ id: string }>(FIND_DUPLICATE, [
    accountId,
    tenantColumn(request.tenantId),
    request.source,
    foldHash(request.content),
  ]);
  // The duplicate ended between two statements of this transaction. This is rare, so the caller repeats the call.
  if (row === undefined) {
    throw new AppError('unavailable', 'The same fact is being changed right now. Try again.', {
      retryAfterMs: CONFLICT_RETRY_AFTER_MS,
    });
  }
  return row.id;
}
