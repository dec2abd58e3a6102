import type { CandidateFact } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { mergeFacts, NO_FACTS } from './merge-facts.js';

const fact = (text: string, over: Partial<CandidateFact> = {}): CandidateFact => ({
  text,
  topic: 'Home',
  category: 'location',
  importance: 5,
  validFrom: null,
  positions: [0],
  ...over,
});

describe('mergeFacts', () => {
  it('keeps a fact that two parts found once, with both sources', () => {
    const merged = mergeFacts([
      {
        facts: [fact('Alex lives in Rome.', { positions: [3] }), fact('Alex has a dog.')],
        note: null,
      },
      { facts: [fact('alex  lives in ROME.', { positions: [1], importance: 8 })], note: null },
    ]);
    expect(merged.facts).toEqual([
      fact('Alex lives in Rome.', { positions: [1, 3], importance: 8 }),
      fact('Alex has a dog.'),
    ]);
  });

  it('says why nothing was found only where nothing was found', () => {
    const empty = { facts: [], note: 'Only greetings.' };
    expect(mergeFacts([empty, empty]).note).toBe('Only greetings.');
    expect(mergeFacts([empty, { facts: [fact('Alex has a dog.')], note: null }]).note).toBeNull();
  });

  it('says that nothing was found where the model does not say why', () => {
    const silent = { facts: [], note: null };
    expect(mergeFacts([silent, silent]).note).toBe(NO_FACTS);
    expect(mergeFacts([silent, { facts: [], note: 'Only greetings.' }]).note).toBe(
      'Only greetings.',
    );
  });
});
