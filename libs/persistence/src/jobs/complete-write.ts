import {
  contentResult,
  type ContentWrite,
  dryRunResult,
  type ExtractedFacts,
  isContent,
  messagesOf,
  messagesResult,
  type StoredResult,
  type SucceededJob,
  type SupersessionOutcome,
  uncompared,
  type WriteClaim,
  type WriteResult,
} from '@app/memory';

import { type FoundFact, foundFacts } from './found-facts.js';
import { SUCCEED } from './job-lifecycle.js';
import { recordUsage } from './record-usage.js';
import { findDuplicate } from './remember-fact.js';
import { storableExtraction } from './storable-extraction.js';
import { storableJson } from '../sql/storable.js';
import type { Database } from '../sql/database.js';
import type { Statements } from '../sql/statements.js';
import { storeComparisons } from '../memories/store-comparisons.js';
import { INSERT_FIRST_VERSIONS, insertMemories } from '../memories/store-memories.js';
import { storeTurns } from '../memories/store-turns.js';

/**
 * Stores the result of one write in a transaction of its own: complete-writes.ts has no room for comparisons, content and dry
 * runs.
 * @returns undefined: this attempt no longer owns the write, and nothing was stored.
 */
export const completeWrite = (
  database: Database,
  job: SucceededJob<'write'>,
): Promise<StoredResult | undefined> =>
  database.storeResult(job.claim.asker.accountId, (statements) => storeResult(statements, job));

async function storeResult(
  statements: Statements,
  { claim, result }: SucceededJob<'write'>,
): Promise<StoredResult | undefined> {
  const { id, run, attempt, asker, request } = claim;
  const extracted = storableExtraction(result);
  const { llmCalls, usage } = extracted;
  // This statement is the first one, because it locks the row: a second attempt changes no row and stores nothing.
  const [won] = await statements.query<{ now: Date }>(
    SUCCEED.write,
    [id, run, attempt, llmCalls, usage.inputTokens, usage.outputTokens, null].map((value) => [
      value,
    ]),
  );
  if (won === undefined) return undefined;

  const stored =
    isContent(request) || !request.dryRun
      ? await storeFound(statements, claim, extracted, won.now)
      : dryRunResult(request, extracted, won.now);
  await statements.query('update writes set result = $2 where id = $1', [id, storableJson(stored)]);
  // Recorded in the order of owners: two writes of one account wait for each other and never deadlock.
  const spent = extracted.spent.toSorted((one, other) => (one.owner < other.owner ? -1 : 1));
  for (const { owner, llmCalls: calls, usage: tokens } of spent)
    await recordUsage(statements, { accountId: asker.accountId, owner, calls, ...tokens });
  // A duplicate has the id of a memory that another write stored.
  return { memoriesStored: stored.status === 'duplicate' ? 0 : stored.memoryIds.length };
}

/** Stores the facts that no current memory holds yet, with the turns that they cite and the neighbours of those turns. */
async function storeFound(
  statements: Statements,
  claim: WriteClaim,
  extracted: ExtractedFacts,
  now: Date,
): Promise<WriteResult> {
  const { id: writeId, asker, request } = claim;
  const messages = messagesOf(request);
  const found = foundFacts(extracted, claim, now);
  const { extraction } = extracted;
  const origin = { writeId, ...asker, scope: request, extraction, messages, now };
  const memories = found.map(({ memory }) => memory);
  const stored =
    memories.length === 0 ? new Set<string>() : await insertMemories(statements, origin, memories);
  const kept = found.filter(({ memory }) => stored.has(memory.id));
  if (kept.length > 0) {
    const ids = kept.map(({ memory }) => memory.id);
    const values = [writeId, asker.accountId, asker.apiKeyId, ids];
    await statements.query(`with ${INSERT_FIRST_VERSIONS} select`, values);
    const places = kept.map(({ memory }) => memory);
    await storeTurns(statements, { writeId, accountId: asker.accountId, messages }, places);
  }
  return resultOf(statements, claim, extracted, kept, now);
}

async function resultOf(
  statements: Statements,
  claim: WriteClaim,
  extracted: ExtractedFacts,
  kept: readonly FoundFact[],
  now: Date,
): Promise<WriteResult> {
  const { request } = claim;
  const compared = kept.map(({ memory: { id, validFrom }, comparison }) => ({
    memoryId: id,
    validFrom,
    comparison,
  }));
  const outcomes = await storeComparisons(statements, claim, compared, now);
  if (!isContent(request)) return messagesResult(request, extracted, outcomes);
  const [outcome] = outcomes;
  return outcome
    ? contentResult(request, 'saved', outcome)
    : contentResult(request, 'duplicate', await duplicateOutcome(statements, claim, request));
}

/** The outcome of a duplicate: it names the current memory, which is not compared again. */
async function duplicateOutcome(
  statements: Statements,
  { asker }: WriteClaim,
  request: ContentWrite,
): Promise<SupersessionOutcome> {
  const memoryId = await findDuplicate(statements, asker, request);
  return uncompared(memoryId, request.supersession ? 'no_candidates' : 'disabled');
}
