import type { ProviderName } from '@app/caller-keys';
import type { SeenMemory, WriteResult } from '@app/memory';

import { viewMemory } from './memory.view.js';
import type {
  AutoSupersedeView,
  ExtractedView,
  ExtractionView,
  SavedView,
} from './remembered.schemas.js';

/**
 * Why a new fact was not compared with those that stand. A caller's model that is not Anthropic's is never used to
 * classify; nor is ours, for that would show the caller's facts to another account.
 */
export function viewAutoSupersede(
  asked: boolean,
  callersProvider: string | undefined,
): AutoSupersedeView {
  const skipped_reason = !asked
    ? 'disabled'
    : callersProvider !== undefined && callersProvider !== ('anthropic' satisfies ProviderName)
      ? 'byo_llm'
      : 'classifier_unavailable';
  return { ran: false, skipped_reason, candidates_examined: 0, supersession: null };
}

export function viewSaved(
  saved: { readonly status: 'saved' | 'duplicate'; readonly memoryId: string },
  where: { readonly accountId: string; readonly tenantId: string | null },
  autoSupersede: AutoSupersedeView,
): SavedView {
  return {
    status: saved.status,
    memory_id: saved.memoryId,
    company_id: where.accountId,
    tenant_id: where.tenantId,
    auto_supersede: autoSupersede,
  };
}

/** @param seen the memories of the result that still exist, in any order. */
export function viewExtracted(
  accountId: string,
  result: WriteResult,
  seen: readonly SeenMemory[],
  now: Date,
): ExtractedView {
  const { extraction } = result;
  if (!extraction)
    throw new TypeError('A write in messages mode keeps how its facts were extracted.');
  const byId = new Map(seen.map((one) => [one.memory.id, one]));
  const autoSupersede = viewAutoSupersede(
    result.autoSupersede,
    extraction.byoLlm ? extraction.provider : undefined,
  );
  return {
    status: 'extracted',
    company_id: accountId,
    tenant_id: result.tenantId,
    extracted_count: result.extractedCount,
    saved_count: result.memoryIds.length,
    memory_ids: [...result.memoryIds],
    memories: result.memoryIds.flatMap((id) => {
      const one = byId.get(id);
      return one ? [viewMemory(one, now)] : [];
    }),
    extraction: viewExtraction(extraction),
    auto_supersede: result.memoryIds.map(() => autoSupersede),
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
