import type { FoundMemories, Reasoning, SupersessionOutcome, WriteResult } from '@app/memory';

import { viewMemory } from './memory.view.js';
import type { Reader } from './reader.js';
import type {
  AutoSupersedeView,
  ExtractedView,
  ExtractionView,
  SavedView,
} from './remembered.schemas.js';

/** @param reasonings of this write's memories, as far as they are still kept. */
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
  reader: Reader,
): ExtractedView {
  const { extraction } = result;
  if (!extraction)
    throw new TypeError('A write in messages mode keeps how its facts were extracted.');
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
      return one ? [viewMemory(one, reader)] : [];
    }),
    memories_left_out: found.leftOut,
    extraction: viewExtraction(extraction),
    auto_supersede: result.autoSupersede.map((outcome) => viewAutoSupersede(outcome, reasonings)),
  };
}

export function viewExtraction({
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
