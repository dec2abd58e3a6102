import {
  type Choice,
  type ComparedMemory,
  type Comparison,
  defaultEnd,
  isExcludedOnSight,
  settleChoices,
  type SupersessionOutcome,
  type SupersessionPolicy,
  uncompared,
  type WriteClaim,
} from '@app/memory';

import { tenantColumn } from '../sql/columns.js';
import type { Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { endMemory, recordEvent } from './end-and-restore.js';

/**
 * Locked in the order of ids: two writes that compare with the same memories wait for each other and never deadlock. An
 * erased candidate returns no row.
 */
const LOCK_CANDIDATES = `
  select id from memories where account_id = $1 and id = any($2::uuid[]) order by id for update`;

const INSERT_CLASSIFICATIONS = `
  insert into classifications (memory_id, candidate_id, account_id, verdict, confidence, reasoning, model, classified_at)
  select c.memory_id, c.candidate_id, $1, c.verdict, c.confidence, c.reasoning, c.model, $2
    from jsonb_to_recordset($3::jsonb) as c(memory_id uuid, candidate_id uuid, verdict text, confidence float8,
                                            reasoning text, model text)`;

/**
 * Stores the verdicts on new memories and ends the memories that they supersede, in the transaction that stores them.
 * @param compared the stored memories, in the order of their facts.
 */
export async function storeComparisons(
  statements: Statements,
  { asker, request }: WriteClaim,
  compared: readonly ComparedMemory[],
  now: Date,
): Promise<readonly SupersessionOutcome[]> {
  const policy = request.supersession;
  const classified = compared.filter(({ comparison }) => !('skipped' in comparison));
  if (policy === null || classified.length === 0) return compared.map((one) => outcomeOf(one));

  const there = await lockCandidates(statements, asker.accountId, classified);
  await insertClassifications(statements, asker.accountId, classified, there, now);
  const choices = new Map(settleChoices(compared, policy));
  for (const one of classified) {
    const choice = choices.get(one.memoryId);
    const isEnded =
      choice?.reason !== 'applied' || (await end(statements, asker, one, choice, now));
    if (choice && !isEnded) choices.set(one.memoryId, { ...choice, reason: 'no_longer_current' });
  }
  const outcomes = compared.map((one) => outcomeOf(one, choices.get(one.memoryId), policy));
  for (const one of classified) {
    await recordEvent(statements, {
      accountId: asker.accountId,
      memoryId: one.memoryId,
      tenant: tenantColumn(request.tenantId),
      event: 'memory.classified',
      at: now,
      apiKeyId: asker.apiKeyId,
      details: detailsOf(one.comparison, choices.get(one.memoryId)),
    });
  }
  return outcomes;
}

async function lockCandidates(
  statements: Statements,
  accountId: string,
  classified: readonly ComparedMemory[],
): Promise<ReadonlySet<string>> {
  const ids = new Set(
    classified.flatMap(({ comparison }) =>
      classificationsOf(comparison).map(({ memoryId }) => memoryId),
    ),
  );
  const rows = await statements.query<{ id: string }>(LOCK_CANDIDATES, [accountId, [...ids]]);
  return new Set(rows.map(({ id }) => id));
}

async function insertClassifications(
  statements: Statements,
  accountId: string,
  classified: readonly ComparedMemory[],
  there: ReadonlySet<string>,
  now: Date,
): Promise<void> {
  const rows = classified.flatMap(({ memoryId, comparison }) =>
    classificationsOf(comparison)
      .filter((candidate) => there.has(candidate.memoryId))
      .map(({ memoryId: candidateId, verdict, confidence, reasoning }) => ({
        memory_id: memoryId,
        candidate_id: candidateId,
        verdict,
        confidence,
        reasoning,
        model: modelOf(comparison),
      })),
  );
  await statements.query(INSERT_CLASSIFICATIONS, [accountId, now, storableJson(rows)]);
}

/** @returns false when the candidate was ended or erased first: then the new memory supersedes none. */
async function end(
  statements: Statements,
  { accountId, apiKeyId }: WriteClaim['asker'],
  successor: ComparedMemory,
  { candidateId, verdict, confidence }: Choice,
  now: Date,
): Promise<boolean> {
  const candidate = classificationsOf(successor.comparison).find(
    ({ memoryId }) => memoryId === candidateId,
  );
  if (candidate === undefined) return false;
  return endMemory(statements, {
    accountId,
    memoryId: candidateId,
    validTo: defaultEnd(candidate, successor, now),
    supersededBy: successor.memoryId,
    apiKeyId,
    event: 'memory.superseded',
    details: { by: 'classifier', verdict, confidence, model: modelOf(successor.comparison) },
    now,
  });
}

const classificationsOf = (comparison: Comparison) =>
  'skipped' in comparison ? [] : comparison.classifications;

const modelOf = (comparison: Comparison): string =>
  'skipped' in comparison ? '' : comparison.model;

/** Ids, verdicts, confidences, models and codes only: the audit stays when the memories are erased, so it must not quote them. */
function detailsOf(comparison: Comparison, choice: Choice | undefined): Record<string, unknown> {
  return {
    model: modelOf(comparison),
    candidates: classificationsOf(comparison).map(({ memoryId, verdict, confidence }) => ({
      memory_id: memoryId,
      verdict,
      confidence,
    })),
    candidate_id: choice?.candidateId ?? null,
    reason: choice?.reason ?? null,
  };
}

function outcomeOf(
  { memoryId, comparison }: ComparedMemory,
  choice?: Choice,
  policy?: SupersessionPolicy,
): SupersessionOutcome {
  if ('skipped' in comparison) return uncompared(memoryId, comparison.skipped);
  return {
    memoryId,
    ran: true,
    skippedReason: policy && isExcludedOnSight(comparison, policy) ? 'excluded_category' : null,
    candidatesExamined: comparison.classifications.length,
    supersession: choice ? { ...choice, model: comparison.model } : null,
  };
}
