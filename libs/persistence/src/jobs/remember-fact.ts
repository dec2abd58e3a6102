import { randomUUID } from 'node:crypto';

import type { Counted } from '@app/accounts';
import { AppError } from '@app/errors';
import { CONFLICT_RETRY_AFTER_MS } from '@app/jobs/policy';
import {
  type Asker,
  type ContentWrite,
  type Remembered,
  type RememberedWrite,
  uncompared,
} from '@app/memory';

import { INSERT_SUCCEEDED_WRITE } from './job-lifecycle.js';
import { savedAs } from './result-of-write.js';
import { foldHash, tenantColumn } from '../sql/columns.js';
import { clock, type Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { FIRST_BELIEFS, insertMemories } from '../memories/store-memories.js';

const STANDING = `
  select id from memories
   where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = $4 and current`;

/** Content mode, in the transaction that it is given: the memory, unless it stands already, and the write, already ended. */
export async function rememberFact(
  statements: Statements,
  { id, asker, request, requestId }: RememberedWrite,
  counted: Counted,
): Promise<Remembered> {
  const now = await clock(statements);
  const capturedAt = request.recordedAt ?? now;
  const memory = {
    id: randomUUID(),
    text: request.content,
    topic: request.topic,
    category: request.category,
    importance: request.importance,
    validFrom: request.validFrom ?? capturedAt,
    capturedAt,
    cited: [],
    neighbours: [],
  };
  const origin = { writeId: id, ...asker, scope: request, extraction: null, messages: [], now };
  const saved = (await insertMemories(statements, origin, [memory])).size === 1;
  if (saved)
    await statements.query(`with ${FIRST_BELIEFS} select`, [
      id,
      asker.accountId,
      asker.apiKeyId,
      [memory.id],
    ]);

  const memoryId = saved ? memory.id : await standing(statements, asker, request);
  const status = saved ? 'saved' : 'duplicate';
  // What may supersede others is a worker's to store, who has a classifier.
  const skipped = request.supersession ? 'classifier_unavailable' : 'disabled';
  const result = savedAs(request, status, uncompared(memoryId, skipped));
  await statements.query(INSERT_SUCCEEDED_WRITE, [
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

/** The memory that stands in the way of the same fact. */
export async function standing(
  statements: Statements,
  { accountId }: Asker,
  request: ContentWrite,
): Promise<string> {
  const [row] = await statements.query<{ id: string }>(STANDING, [
    accountId,
    tenantColumn(request.tenantId),
    request.source,
    foldHash(request.content),
  ]);
  // The twin ended between two statements of ours. Rare enough to ask the caller.
  if (row === undefined) {
    throw new AppError('unavailable', 'The same fact is being changed right now. Try again.', {
      retryAfterMs: CONFLICT_RETRY_AFTER_MS,
    });
  }
  return row.id;
}
