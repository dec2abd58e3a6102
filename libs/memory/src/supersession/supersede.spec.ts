import { describe, expect, it } from 'vitest';

import { heldAt, type Version } from '../memories/version.js';
import { canEnd, restore, supersede } from './supersede.js';

const day = (text: string): Date => new Date(`2026-${text}T00:00:00Z`);
const open: Version = {
  memoryId: 'works-at-acme',
  validFrom: day('01-01'),
  validTo: null,
  supersededBy: null,
  believedFrom: day('01-10'),
  believedTo: null,
};
const ending = { validTo: day('04-30'), supersededBy: 'works-at-globex' };

describe('a memory superseded on 20 April', () => {
  const { closed, opened } = supersede(open, ending, day('04-20'));

  it('was believed open-ended until 20 April, and has an end from then on', () => {
    expect(closed).toEqual({ ...open, believedTo: day('04-20') });
    expect(opened).toEqual({ ...open, ...ending, believedFrom: day('04-20') });
  });

  it('has exactly one believed version at every moment', () => {
    for (const transactionAsOf of [day('01-10'), day('04-19'), day('04-20'), day('05-02')]) {
      expect(heldAt([closed, opened], { transactionAsOf })).toHaveLength(1);
    }
  });

  it('is restored by a third version without end and successor', () => {
    const restored = restore(opened, day('04-25'));
    expect(restored.closed).toEqual({ ...opened, believedTo: day('04-25') });
    expect(restored.opened).toEqual({ ...open, believedFrom: day('04-25') });
  });
});

describe('two changes in one millisecond', () => {
  it('get times one millisecond apart, also when the clock went back', () => {
    const { believedFrom } = open;
    for (const now of [believedFrom, new Date(believedFrom.getTime() - 60_000)]) {
      const { closed, opened } = supersede(open, ending, now);
      expect(closed.believedTo).toEqual(new Date(believedFrom.getTime() + 1));
      expect(opened.believedFrom).toEqual(closed.believedTo);
      expect(opened.validTo).toEqual(ending.validTo);
    }
  });
});

describe('canEnd', () => {
  const now = day('05-02');

  it.each([
    ['is true without an end', open, true],
    ['is true with an end in the future', { ...open, validTo: day('06-01') }, true],
    ['is false after the end', { ...open, validTo: day('05-01') }, false],
    ['is false at the end', { ...open, validTo: now }, false],
    [
      'is false with a successor and an end in the future',
      { ...open, ...ending, validTo: day('06-01') },
      false,
    ],
  ])('%s', (_, version, expected) => {
    expect(canEnd(version, now)).toBe(expected);
  });
});
