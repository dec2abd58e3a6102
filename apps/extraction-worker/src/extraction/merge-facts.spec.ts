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

/** No fact was left out or split. */
const WHOLE = { leftOut: 0, split: 0 };

describe('mergeFacts', () => {
  it('merges a fact that two parts found, and cites the messages of both', async () => {
    const merged = await mergeFacts([
      {
        facts: [fact('Alex lives in Rome.', { positions: [3] }), fact('Alex has a dog.')],
        note: null,
        ...WHOLE,
      },
      {
        facts: [fact('alex  lives in ROME.', { positions: [1], importance: 8 })],
        note: null,
        ...WHOLE,
      },
    ]);
    expect(merged.facts).toEqual([
      fact('Alex lives in Rome.', { positions: [1, 3], importance: 8 }),
      fact('Alex has a dog.'),
    ]);
  });

  it('gives the reason for finding no facts only when there are none', async () => {
    const empty = { facts: [], note: 'Only greetings.', ...WHOLE };
    expect((await mergeFacts([empty, empty])).note).toBe('Only greetings.');
    expect(
      (await mergeFacts([empty, { facts: [fact('Alex has a dog.')], note: null, ...WHOLE }])).note,
    ).toBeNull();
  });

  it('has a note of its own when the model found no facts and gave no reason', async () => {
    const silent = { facts: [], note: null, ...WHOLE };
    expect((await mergeFacts([silent, silent])).note).toBe(NO_FACTS);
    expect(
      (await mergeFacts([silent, { facts: [], note: 'Only greetings.', ...WHOLE }])).note,
    ).toBe('Only greetings.');
  });

  it('keeps as many facts as a write may store, and notes how many were left out', async () => {
    const parts = Array.from({ length: 370 }, (_, part) => ({
      facts: Array.from({ length: 500 }, (__, at) => fact(`Ana owns boat ${part}.${at}.`)),
      note: null,
      leftOut: 1,
      split: 0,
    }));
    const { facts, note } = await mergeFacts(parts);
    expect(facts).toHaveLength(2_000);
    expect(note).toContain('183370 facts were left out');
  });

  it('keeps as much text as a write may store, and notes it', async () => {
    const facts = Array.from({ length: 40 }, (_, at) => fact(`${at} ${'x'.repeat(32_000)}`));
    const merged = await mergeFacts([{ facts, note: null, leftOut: 0, split: 1 }]);
    expect(merged.facts).toHaveLength(32);
    expect(merged.note).toMatch(
      /^8 facts were left out: .+\. 1 fact of more than 32 KiB was stored in parts\.$/,
    );
  });
});
