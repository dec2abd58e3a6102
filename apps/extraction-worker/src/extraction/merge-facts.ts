import { type CandidateFact, fold } from '@app/memory';

import { type FactsRead, TimeSlice } from './read-facts.js';
import { curtailedNote, MAX_CITED_MESSAGES, MAX_FACTS, MAX_FACTS_BYTES } from './write-bounds.js';

/** The note if the model found nothing and gives no reason. */
export const NO_FACTS = 'The model found no facts in this conversation.';
/** The note if no model was asked. */
export const NO_TEXT = 'The messages hold no text, so no model was asked.';

/**
 * The facts of all parts in their order, as many as one write may store. Parts overlap, so the same fact is found twice: it
 * keeps its first words, the higher importance and the messages it was found in. What a model says twice of one part is
 * counted twice, and stored once.
 */
export async function mergeFacts(
  parts: readonly FactsRead[],
): Promise<Pick<FactsRead, 'facts' | 'note'>> {
  const facts: CandidateFact[] = [];
  const placeOf = new Map<string, number>();
  const slice = new TimeSlice();
  let bytes = 0;
  let leftOut = parts.reduce((sum, part) => sum + part.leftOut, 0);
  for (const part of parts) {
    const places = new Map<string, number>();
    for (const fact of part.facts) {
      const folded = fold(fact.text);
      const known = placeOf.get(folded);
      const size = Buffer.byteLength(fact.text, 'utf8');
      if (known !== undefined) facts[known] = join(facts[known]!, fact);
      else if (facts.length === MAX_FACTS || bytes + size > MAX_FACTS_BYTES) leftOut += 1;
      else {
        places.set(folded, facts.push(fact) - 1);
        bytes += size;
      }
      await slice.pauseWhenDue();
    }
    for (const [folded, place] of places) placeOf.set(folded, place);
  }
  const split = parts.reduce((sum, part) => sum + part.split, 0);
  if (facts.length > 0) return { facts, note: curtailedNote({ leftOut, split }) };
  return { facts, note: parts.find((part) => part.note !== null)?.note ?? NO_FACTS };
}

function join(first: CandidateFact, second: CandidateFact): CandidateFact {
  const positions = [...new Set([...first.positions, ...second.positions])];
  return {
    ...first,
    importance: Math.max(first.importance, second.importance),
    validFrom: first.validFrom ?? second.validFrom,
    positions: positions.slice(0, MAX_CITED_MESSAGES).toSorted((a, b) => a - b),
  };
}
