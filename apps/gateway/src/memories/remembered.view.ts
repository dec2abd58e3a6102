import {
  type DryFact,
  type DryRun,
  EXCERPT_CHARACTERS,
  excerptOf,
  type FoundMemories,
  type Reasoning,
  type SeenMemory,
  type SupersessionOutcome,
  type Turn,
  type WriteResult,
} from '@app/memory';

import { type ViewContext, viewMemory } from './memory.view.js';
import type {
  AutoSupersedeView,
  DryRunView,
  ExtractedView,
  ExtractionView,
  SavedView,
} from './remembered.schemas.js';

/** @param reasonings the reasonings of this write's memories, without erased ones. */
export function viewAutoSupersede(
  { memoryId, ran, skippedReason, candidatesExamined, supersession }: SupersessionOutcome,
  reasonings: readonly Reasoning[],
): AutoSupersedeView {
  const kept = reasonings.find(
    (one) => one.memoryId === memoryId && one.candidateId === supersession?.candidateId,
  );
  return {
    ran,
    skipped_reason: skippedReason,
    candidates_examined: candidatesExamined,
    supersession: supersession && {
      superseded_id: supersession.reason === 'applied' ? supersession.candidateId : null,
      candidate_id: supersession.candidateId,
      verdict: supersession.verdict,
      confidence: supersession.confidence,
      reasoning: kept?.reasoning ?? '',
      reason: supersession.reason,
      model: supersession.model,
    },
  };
}

export function viewSaved(
  saved: { readonly status: 'saved' | 'duplicate'; readonly memoryId: string },
  where: { readonly accountId: string; readonly tenantId: string | null },
  autoSupersede: AutoSupersedeView,
): SavedView {
  const { status, memoryId } = saved;
  if (status === 'duplicate') return { status, memory_id: memoryId };
  return {
    status,
    memory_id: memoryId,
    company_id: where.accountId,
    tenant_id: where.tenantId,
    auto_supersede: autoSupersede,
  };
}

/** @param found the memories of the result that still exist, in any order. */
export function viewExtracted(
  accountId: string,
  result: WriteResult,
  found: FoundMemories,
  reasonings: readonly Reasoning[],
  context: ViewContext,
): ExtractedView {
  const { extraction } = result;
  if (!extraction) throw new TypeError('The result of a write in messages mode has no extraction.');
  const byId = new Map(found.memories.map((one) => [one.memory.id, one]));
  return {
    status: 'extracted',
    company_id: accountId,
    tenant_id: result.tenantId,
    extracted_count: result.extractedCount,
    saved_count: result.memoryIds.length,
    memory_ids: [...result.memoryIds],
    memories: result.memoryIds.flatMap((id) => {
      const one = byId.get(id);
      return one ? [viewMemory(one, context)] : [];
    }),
    memories_left_out: found.leftOut,
    extraction: viewExtraction(extraction),
    auto_supersede: result.autoSupersede.map((outcome) => viewAutoSupersede(outcome, reasonings)),
  };
}

function viewExtraction({
  provider,
  model,
  byoLlm,
  promptVersion,
  llmCalls,
  usage,
  note,
}: NonNullable<WriteResult['extraction']>): ExtractionView {
  return {
    provider,
    model,
    byo_llm: byoLlm,
    prompt_version: promptVersion,
    llm_calls: llmCalls,
    usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
    ...(note !== null && { note }),
  };
}

/** Shows the facts of a dry run as memories. The fields that only storing a memory fills are null. */
export function viewDryRun(
  accountId: string,
  { tenantId, dryRun, extraction }: WriteResult,
  context: ViewContext,
): DryRunView {
  if (!dryRun || !extraction)
    throw new TypeError('The result of a dry run has no facts or no extraction.');
  const whose = { accountId, tenantId };
  const messages = new Map(dryRun.messages.map((message) => [message.position, message]));
  return {
    status: 'dry_run',
    memories: dryRun.facts.map((fact) => {
      const { temporal, ...memory } = viewMemory(
        asIfStored(fact, { ...dryRun, messages }, whose, context.now),
        context,
      );
      return {
        ...memory,
        id: null,
        created_at: null,
        // A fact that was not stored has no transaction time.
        temporal: { ...temporal, transaction_time_start: null, is_known_current: false },
      };
    }),
    memories_left_out: dryRun.leftOut ?? 0,
    extraction: viewExtraction(extraction),
  };
}

/** The fields that all facts of a dry run share. */
interface DryRunContext extends Omit<DryRun, 'messages'> {
  readonly messages: ReadonlyMap<number, DryRun['messages'][number]>;
}

function asIfStored(
  { positions, validFrom, capturedAt, ...words }: DryFact,
  { source, sessionId, externalId, metadata, messages }: DryRunContext,
  whose: { readonly accountId: string; readonly tenantId: string | null },
  now: Date,
): SeenMemory {
  const cited = positions.flatMap((position) => messages.get(position) ?? []);
  const turns = cited.map(({ position, role, name, at, content }): Turn => ({
    id: '',
    position,
    role,
    name,
    saidAt: at,
    text: content,
  }));
  const excerpt = excerptOf(turns, EXCERPT_CHARACTERS);
  const scope = { source, sessionId, externalId, metadata };
  return {
    memory: {
      id: '',
      ...whose,
      ...scope,
      ...words,
      createdAt: now,
      capturedAt,
      extraction: null,
      turns: excerpt.turns,
      turnsShortened: excerpt.turnsShortened || cited.some(({ shortened }) => shortened === true),
    },
    version: {
      memoryId: '',
      validFrom,
      validTo: null,
      supersededBy: null,
      believedFrom: now,
      believedTo: null,
    },
  };
}
