import type { ContentWrite } from './write.js';
import type { ExtractedFacts } from './write-job.js';

/** Content mode: the content itself is the fact, and no model is called. */
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
