import { AppError } from '@app/errors';
import { CONFLICT_RETRY_AFTER_MS } from '@app/jobs/policy';
import type { StoredResult, SucceededJob } from '@app/memory';

import type { Database } from '../sql/database.js';
import { storableCount, storableJson } from '../sql/storable.js';
import { SUCCEED } from './job-lifecycle.js';
import { recordUsage } from './record-usage.js';

/** Locks the memories of an answer until it is stored: an erasure waits for the lock, and then finds the answer too. */
const LOCK_HITS = `
  select id from memories where account_id = $1 and id = any($2::uuid[]) order by id for key share`;

/** Stores an answer. @returns undefined: this attempt no longer owns the query, and nothing was stored. */
export function completeQuery(
  database: Database,
  { claim, result: answer }: SucceededJob<'query'>,
): Promise<StoredResult | undefined> {
  const { id, run, attempt, asker } = claim;
  const { accountId } = asker;
  const { generation } = answer;
  const calls = storableCount(generation.llmCalls);
  const usage = {
    inputTokens: storableCount(generation.usage.inputTokens),
    outputTokens: storableCount(generation.usage.outputTokens),
  };
  const stored = { ...answer, generation: { ...generation, llmCalls: calls, usage } };
  const memoryIds = answer.hits.map(({ memoryId }) => memoryId);
  return database.storeResult(accountId, async (statements) => {
    const locked = await statements.query(LOCK_HITS, [accountId, memoryIds]);
    if (locked.length < new Set(memoryIds).size) throw citesErasedMemory();
    const values = [id, run, attempt, calls, usage.inputTokens, usage.outputTokens];
    const [won] = await statements.query(
      SUCCEED.query,
      [...values, storableJson(stored)].map((value) => [value]),
    );
    if (won === undefined) return undefined;
    const owner = generation.byoLlm ? 'caller' : 'bundled';
    await recordUsage(statements, { accountId, owner, calls, ...usage });
    return { memoriesStored: 0 };
  });
}

/** The answer may quote the erased memory, so it is dropped. Another attempt answers from the memories that are left. */
const citesErasedMemory = (): AppError =>
  new AppError('unavailable', 'A memory was erased while it was used for this answer.', {
    retryAfterMs: CONFLICT_RETRY_AFTER_MS,
  });
