import { describe, expect, it } from 'vitest';

import { classificationSchema, readClassification } from './read-classification.js';

const judged = (candidate: number, given: object = {}) => ({
  candidate,
  reasoning: 'Another city.',
  verdict: 'supersedes',
  confidence: 0.9,
  ...given,
});
const accepts = (comparisons: readonly unknown[], category: unknown = 'location') =>
  classificationSchema(2).safeParse({ comparisons, category }).success;

describe('the answer of a classifier', () => {
  it('has one verdict for each candidate, in any order', () => {
    expect(accepts([judged(1), judged(2)])).toBe(true);
    expect(accepts([judged(2), judged(1)])).toBe(true);
  });

  it.each([
    ['one is missing', [judged(1)]],
    ['one is judged twice', [judged(1), judged(1)]],
    ['there is one more', [judged(1), judged(2), judged(3)]],
    ['one is none of them', [judged(0), judged(1)]],
    ['a verdict is another', [judged(1), judged(2, { verdict: 'contradicts' })]],
    ['a confidence is in percent', [judged(1), judged(2, { confidence: 95 })]],
    ['a confidence is below nothing', [judged(1), judged(2, { confidence: -0.1 })]],
    ['a confidence is a word', [judged(1), judged(2, { confidence: 'high' })]],
    ['there is no reasoning', [judged(1), { ...judged(2), reasoning: undefined }]],
  ])('is none where %s', (_, comparisons) => {
    expect(accepts(comparisons)).toBe(false);
  });

  it('is refused with a category that does not exist', () => {
    expect(accepts([judged(1), judged(2)], 'housing')).toBe(false);
    expect(accepts([judged(1), judged(2)], null)).toBe(false);
  });

  it('is matched to the candidates by number, with its reasoning cleaned and cut', () => {
    const candidates = ['a', 'b'].map((memoryId, at) => ({ memoryId, validFrom: new Date(at) }));
    const answer = classificationSchema(2).parse({
      category: 'location',
      comparisons: [
        judged(2, { verdict: 'refines', reasoning: `more\n\u0000 detail ${'x'.repeat(900)}` }),
        judged(1, { reasoning: 'The key is KEY.' }),
      ],
    });
    const read = readClassification(answer, candidates, 'haiku', (text) =>
      text.replace('KEY', '-'),
    );
    expect(read).toMatchObject({
      model: 'haiku',
      category: 'location',
      classifications: [
        {
          memoryId: 'a',
          verdict: 'supersedes',
          reasoning: 'The key is -.',
          validFrom: new Date(0),
        },
        { memoryId: 'b', verdict: 'refines', validFrom: new Date(1) },
      ],
    });
    expect(read.classifications[1]?.reasoning).toMatch(/^more detail x{400,500}$/);
  });
});
