import type { ContentWrite } from './write.js';
import type { ExtractedFacts } from './write-job.js';

/** Content mode: the fact is what the caller says, and no model was asked for it. */
export function contentAsFact({
  content,
  topic,
  category,
  importance,
}: ContentWrite): ExtractedFacts {
  return {
    facts: [{ text: content, topic, category, importance, validFrom: null, positions: [] }],
    extraction: null,
    llmCalls: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
    spent: [],
    comparisons: [],
    note: null,
  };
}
