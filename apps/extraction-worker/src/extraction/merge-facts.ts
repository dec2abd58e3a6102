import { type CandidateFact, fold } from '@app/memory';

import type { FactsRead } from './read-facts.js';

/**
 * The facts of all parts in their order, each once. Parts overlap, so the same fact is found twice: it keeps its first
 * words, the higher importance and every message it was found in.
 */
export function mergeFacts(parts: readonly FactsRead[]): FactsRead {
  const merged = new Map<string, CandidateFact>();
  for (const fact of parts.flatMap(({ facts }) => facts)) {
    const key = fold(fact.text);
    const known = merged.get(key);
    merged.set(key, known ? join(known, fact) : fact);
  }
  const facts = [...merged.values()];
  const note = parts.find((part) => part.note !== null)?.note ?? null;
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
