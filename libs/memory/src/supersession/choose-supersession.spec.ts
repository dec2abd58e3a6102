import { describe, expect, it } from 'vitest';

import { aPolicy } from '../testing/builders.js';
import type { SupersessionPolicy } from './comparison.js';
import {
  chooseSupersession,
  type ComparedMemory,
  isExcluded,
  settleChoices,
} from './choose-supersession.js';
import type { Classification, Compared } from './comparison.js';
import { defaultEnd } from './supersede.js';

const EARLIER = new Date('2024-01-01T00:00:00Z');
const LATER = new Date('2024-06-01T00:00:00Z');

const said = (memoryId: string, given: Partial<Classification> = {}): Classification => ({
  memoryId,
  validFrom: EARLIER,
  verdict: 'supersedes',
  confidence: 0.9,
  reasoning: '',
  ...given,
});

const compared = (
  classifications: readonly Classification[],
  given: Partial<Compared> = {},
): Compared => ({ model: 'haiku', category: 'location', classifications, ...given });

interface Given extends Partial<Pick<Compared, 'category'>> {
  readonly policy?: SupersessionPolicy;
  readonly validFrom?: Date;
}

const choose = (
  classifications: readonly Classification[],
  { policy = aPolicy(), validFrom = LATER, ...given }: Given = {},
) => chooseSupersession(compared(classifications, given), validFrom, policy);

describe('the gate', () => {
  it.each([
    ['location', 'Home', ['health_medical'], false],
    ['health_medical', 'Home', ['health_medical'], true],
    ['other', 'Health', ['health'], true],
    ['other', '  HEALTH\t', ['health'], true],
    ['other', 'ｈealth', ['Health'], true],
    ['other', 'Health insurance', ['health'], false],
    ['other', 'General', ['OTHER'], true],
    ['health_medical', 'Home', [], false],
  ])('for category %s and topic %j with %j excluded: %s', (category, topic, excluded, shut) => {
    expect(isExcluded({ category, topic }, aPolicy({ excludedCategories: excluded }))).toBe(shut);
  });
});

describe('one verdict', () => {
  it.each([
    ['supersedes', 0.9, 'applied'],
    ['supersedes', 0.85, 'applied'],
    ['supersedes', 0.849, 'below_min_confidence'],
    ['refines', 1, 'refines'],
    ['refines', 0, 'refines'],
    ['independent', 1, undefined],
  ] as const)('%s with %d, over a floor of 0.85: %s', (verdict, confidence, reason) => {
    expect(choose([said('a', { verdict, confidence })])?.reason).toBe(reason);
  });

  it('is applied with no confidence at all where the floor is 0', () => {
    const policy = aPolicy({ minConfidence: 0 });
    expect(choose([said('a', { confidence: 0 })], { policy })?.reason).toBe('applied');
  });

  it.each([
    ['earlier', EARLIER, LATER, 'applied'],
    ['at the same time', LATER, LATER, 'applied'],
    ['later', LATER, EARLIER, 'older_than_candidate'],
  ])('on a candidate that became true %s', (_, candidate, fact, reason) => {
    const choice = choose([said('a', { validFrom: candidate, confidence: 1 })], {
      validFrom: fact,
    });
    expect(choice?.reason).toBe(reason);
  });

  it('is not applied where the classifier finds the fact to be of an excluded category', () => {
    expect(choose([said('a', { confidence: 1 })], { category: 'health_medical' })).toMatchObject({
      verdict: 'supersedes',
      reason: 'excluded_category',
    });
  });
});

describe('of several', () => {
  it('the surest supersession counts', () => {
    const choice = choose([said('a'), said('b', { confidence: 0.95 }), said('c')]);
    expect(choice).toEqual({
      candidateId: 'b',
      verdict: 'supersedes',
      confidence: 0.95,
      reason: 'applied',
    });
  });

  it('the most similar counts, of equally sure ones', () => {
    expect(choose([said('a'), said('b')])?.candidateId).toBe('a');
    expect(choose([said('b'), said('a')])?.candidateId).toBe('b');
  });

  it('one that may be applied counts before a surer one that may not', () => {
    const newer = said('newer', { validFrom: new Date('2025-01-01T00:00:00Z'), confidence: 1 });
    expect(choose([newer, said('a')])?.candidateId).toBe('a');
  });

  it('a supersession that is not applied is told before a refinement', () => {
    const refined = said('r', { verdict: 'refines', confidence: 1 });
    expect(choose([refined, said('low', { confidence: 0.5 })])).toMatchObject({
      candidateId: 'low',
      reason: 'below_min_confidence',
    });
  });

  it('none counts where all are independent, or there is none', () => {
    expect(choose([said('a', { verdict: 'independent' })])).toBeUndefined();
    expect(choose([])).toBeUndefined();
  });
});

const DAY = (day: number): Date => new Date(Date.UTC(2024, 0, day));

const superseding = (memoryId: string, ...candidates: readonly string[]): ComparedMemory => ({
  memoryId,
  validFrom: DAY(2),
  comparison: {
    model: 'haiku',
    category: 'other',
    classifications: candidates.map((candidate, at) => ({
      memoryId: candidate,
      validFrom: DAY(1),
      verdict: 'supersedes',
      confidence: 0.99 - at / 100,
      reasoning: '',
    })),
  },
});

const reasons = (...memories: readonly ComparedMemory[]) =>
  [...settleChoices(memories, aPolicy())].map(([id, { candidateId, reason }]) => [
    id,
    candidateId,
    reason,
  ]);

describe('the choices of one write', () => {
  it('give a memory one successor: the first fact that supersedes it', () => {
    expect(reasons(superseding('new 1', 'old'), superseding('new 2', 'old'))).toEqual([
      ['new 1', 'old', 'applied'],
      ['new 2', 'old', 'no_longer_current'],
    ]);
  });

  it('are one for each fact', () => {
    expect(reasons(superseding('new 1', 'a', 'b'), superseding('new 2', 'b'))).toEqual([
      ['new 1', 'a', 'applied'],
      ['new 2', 'b', 'applied'],
    ]);
  });

  it('are none for what was not compared', () => {
    const skipped = { ...superseding('new'), comparison: { skipped: 'no_candidates' as const } };
    expect(reasons(skipped)).toEqual([]);
  });
});

it.each([
  ['when its successor became true, if that was later', DAY(1), DAY(3), DAY(3)],
  ['now, where both became true at once', DAY(3), DAY(3), DAY(9)],
  ['now, where the successor is older', DAY(5), DAY(3), DAY(9)],
])('what is superseded ends %s', (_, superseded, successor, end) => {
  expect(defaultEnd({ validFrom: superseded }, { validFrom: successor }, DAY(9))).toEqual(end);
});
