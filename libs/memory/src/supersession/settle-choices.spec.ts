import { describe, expect, it } from 'vitest';

import { aPolicy } from '../testing/builders.js';
import { defaultEnd } from './default-end.js';
import { type ComparedMemory, settleChoices } from './settle-choices.js';

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

const reasons = (...compared: readonly ComparedMemory[]) =>
  [...settleChoices(compared, aPolicy())].map(([id, { candidateId, reason }]) => [
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
