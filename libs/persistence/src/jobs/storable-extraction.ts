import type { ExtractedFacts } from '@app/memory';

import { isStorableMoment, storable, storableCount } from '../sql/storable.js';

/**
 * Makes the output of a model storable: cleans texts and counts, drops dates that Postgres cannot store, and clamps the
 * importance to 1 to 10.
 */
export function storableExtraction(extracted: ExtractedFacts): ExtractedFacts {
  const { facts, llmCalls, usage, note } = extracted;
  return {
    ...extracted,
    facts: facts.map((fact) => ({
      ...fact,
      text: storable(fact.text),
      topic: storable(fact.topic),
      importance: Math.min(10, Math.max(1, storableCount(fact.importance))),
      validFrom: fact.validFrom && isStorableMoment(fact.validFrom) ? fact.validFrom : null,
    })),
    llmCalls: storableCount(llmCalls),
    usage: {
      inputTokens: storableCount(usage.inputTokens),
      outputTokens: storableCount(usage.outputTokens),
    },
    note: note === null ? null : storable(note),
  };
}
