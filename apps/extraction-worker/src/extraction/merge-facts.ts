import { type CandidateFact, fold } from '@app/memory';

import { type FactsRead, TimeSlice } from './read-facts.js';
import { curtailedNote, MAX_CITED_MESSAGES, MAX_FACTS, MAX_FACTS_BYTES } from './write-bounds.js';

/** The note when the model found no facts and gave no reason. */
export const NO_FACTS = 'The model found no facts in this conversation.';
/** The note when no model was called. */
export const NO_TEXT = 'The messages have no text, so no model was called.';

/**
 * Merges the facts of all parts in their order, up to the bounds of one write. Parts overlap, so two parts may give the
 * same fact: the merged fact has the words of the first, the higher importance and the messages of both. A fact that is
 * repeated within one part counts twice against the bounds, and the store drops the second.
 */
export async function mergeFacts(
  parts: readonly FactsRead[],
): Promise<Pick<FactsRead, 'facts' | 'note'>> {
  const facts: CandidateFact[] = [];
  const indexOf = new Map<string, number>();
  const slice = new TimeSlice();
  let bytes = 0;
  let leftOut = parts.reduce((sum, part) => sum + part.leftOut, 0);
  for (const part of parts) {
    const ofThisPart = new Map<string, number>();
    for (const fact of part.facts) {
      const folded = fold(fact.text);
      const known = indexOf.get(folded);
      const size = Buffer.byteLength(fact.text, 'utf8');
      if (known !== undefined) facts[known] = mergePair(facts[known]!, fact);
      else if (facts.length === MAX_FACTS || bytes + size > MAX_FACTS_BYTES) leftOut += 1;
      else {
        ofThisPart.set(folded, facts.push(fact) - 1);
        bytes += size;
      }
      await slice.pauseWhenDue();
    }
    for (const [folded, index] of ofThisPart) indexOf.set(folded, index);
  }
  const split = parts.reduce((sum, part) => sum + part.split, 0);
  if (facts.length > 0) return { facts, note: curtailedNote({ leftOut, split }) };
  return { facts, note: parts.find((part) => part.note !== null)?.note ?? NO_FACTS };
}

function mergePair(first: CandidateFact, second: CandidateFact): CandidateFact {
  const positions = [...new Set([...first.positions, ...second.positions])];
  return {
    ...first,
    importance: Math.max(first.importance, second.importance),
    validFrom: first.validFrom ?? second.validFrom,
    positions: positions.slice(0, MAX_CITED_MESSAGES).toSorted((a, b) => a - b),
  };
}
