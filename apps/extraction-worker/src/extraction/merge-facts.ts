import { type CandidateFact, fold } from '@app/memory';

import type { FactsRead } from './read-facts.js';

/** Said where the model found nothing and does not say why. */
export const NO_FACTS = 'The model found no facts in this conversation.';

/**
 * The facts of all parts in their order. Parts overlap, so the same fact is found twice: it keeps its first words, the
 * higher importance and every message it was found in. What a model says twice of one part is counted twice, and stored
 * once.
 */
export function mergeFacts(parts: readonly FactsRead[]): FactsRead {
  const [first, ...rest] = parts;
  const facts = [...(first?.facts ?? [])];
  for (const part of rest) {
    const at = new Map(facts.map((fact, index) => [fold(fact.text), index]));
    for (const fact of part.facts) {
      const index = at.get(fold(fact.text));
      const known = index === undefined ? undefined : facts[index];
      if (index === undefined || !known) facts.push(fact);
      else facts[index] = join(known, fact);
    }
  }
  const note = parts.find((part) => part.note !== null)?.note ?? NO_FACTS;
  return { facts, note: facts.length > 0 ? null : note };
}

function join(first: CandidateFact, second: CandidateFact): CandidateFact {
  const positions = [...new Set([...first.positions, ...second.positions])];
  return {
    ...first,
    importance: Math.max(first.importance, second.importance),
    validFrom: first.validFrom ?? second.validFrom,
    positions: positions.toSorted((a, b) => a - b),
  };
}
