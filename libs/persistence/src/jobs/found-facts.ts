import {
  capturedAt,
  citedPositions,
  type Comparison,
  type ExtractedFacts,
  messagesOf,
  neighboursOf,
  validFromOf,
  type WriteClaim,
} from '@app/memory';
import { v7 as uuidv7 } from 'uuid';

import type { NewMemory } from '../memories/store-memories.js';

interface Timed {
  readonly validFrom: Date;
  readonly capturedAt: Date;
}

/** A fact of a model as the memory that it becomes, and its comparison with current memories. */
export interface FoundFact {
  readonly memory: NewMemory & Timed;
  readonly comparison: Comparison;
}

/** @param now the time of facts that have no other time. */
export const foundFacts = (
  { facts, comparisons }: ExtractedFacts,
  claim: WriteClaim,
  now: Date,
): readonly FoundFact[] =>
  facts.map((fact, index) => ({
    memory: memoryOf(fact, claim, now),
    comparison: comparisons[index] ?? { skipped: 'disabled' },
  }));

function memoryOf(
  fact: ExtractedFacts['facts'][number],
  { request }: WriteClaim,
  now: Date,
): FoundFact['memory'] {
  const messages = messagesOf(request);
  const cited = citedPositions(fact.positions, messages.length);
  return {
    id: uuidv7(),
    text: fact.text,
    topic: fact.topic,
    category: fact.category,
    importance: fact.importance,
    validFrom: validFromOf(fact, request, now),
    capturedAt: capturedAt(cited, request, now),
    cited,
    neighbours: neighboursOf(cited, messages.length),
  };
}
