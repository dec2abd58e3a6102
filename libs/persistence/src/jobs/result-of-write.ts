import type {
  ContentWrite,
  ExtractedFacts,
  MessagesWrite,
  SupersessionOutcome,
  WriteResult,
} from '@app/memory';

import { storable, storableCount } from '../sql/storable.js';

/** @param outcome of the memory that was stored, or of the one that stands in its place. */
export function savedAs(
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

/** @param outcomes of the memories that were stored, in the order of their facts. */
export function extractedAs(
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
    extraction: toldExtraction(extracted),
  };
}

/** How facts were found, as a result tells it. */
export function toldExtraction({
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
