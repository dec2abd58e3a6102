import type {
  ContentWrite,
  ExtractedFacts,
  MessagesWrite,
  SupersessionOutcome,
  WriteResult,
} from '@app/memory';

import { storable, storableCount } from '../sql/storable.js';

/** @param outcome of the stored memory, or of the current memory that already holds the fact. */
export function contentResult(
  request: ContentWrite,
  status: 'saved' | 'duplicate',
  outcome: SupersessionOutcome,
): WriteResult {
  return {
    mode: 'content',
    status,
    tenantId: request.tenantId,
    memoryIds: [outcome.memoryId],
    extractedCount: 1,
    autoSupersede: [outcome],
    extraction: null,
  };
}

/** @param outcomes of the stored memories, in the order of their facts. */
export function messagesResult(
  request: MessagesWrite,
  extracted: ExtractedFacts,
  outcomes: readonly SupersessionOutcome[],
): WriteResult {
  return {
    mode: 'messages',
    status: 'extracted',
    tenantId: request.tenantId,
    memoryIds: outcomes.map(({ memoryId }) => memoryId),
    extractedCount: extracted.facts.length,
    autoSupersede: outcomes,
    extraction: summarizeExtraction(extracted),
  };
}

/** The part of an extraction that the result of a write keeps. */
export function summarizeExtraction({
  extraction,
  llmCalls,
  usage,
  note,
}: ExtractedFacts): WriteResult['extraction'] {
  return (
    extraction && {
      provider: extraction.provider,
      model: extraction.model,
      byoLlm: extraction.byoLlm,
      promptVersion: extraction.promptVersion,
      llmCalls: storableCount(llmCalls),
      usage: {
        inputTokens: storableCount(usage.inputTokens),
        outputTokens: storableCount(usage.outputTokens),
      },
      note: note === null ? null : storable(note),
    }
  );
}
