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

  it('was believed open-ended until then, and has an end from then on', () => {
    expect(closed).toEqual({ ...open, believedTo: day('04-20') });
    expect(opened).toEqual({ ...open, ...ending, believedFrom: day('04-20') });
  });

  it('is held by one version at every moment', () => {
    for (const transactionAsOf of [day('01-10'), day('04-19'), day('04-20'), day('05-02')]) {
      expect(heldAt([closed, opened], { transactionAsOf })).toHaveLength(1);
    }
  });

  it('is restored by a third belief, which has neither end nor successor', () => {
    const restored = restore(opened, day('04-25'));
    expect(restored.closed).toEqual({ ...opened, believedTo: day('04-25') });
    expect(restored.opened).toEqual({ ...open, believedFrom: day('04-25') });
  });
});

describe('two changes in one millisecond', () => {
  it('are a millisecond apart, also where a clock went back', () => {
    const { believedFrom } = open;
    for (const now of [believedFrom, new Date(believedFrom.getTime() - 60_000)]) {
      const { closed, opened } = supersede(open, ending, now);
      expect(closed.believedTo).toEqual(new Date(believedFrom.getTime() + 1));
      expect(opened.believedFrom).toEqual(closed.believedTo);
      expect(opened.validTo).toEqual(ending.validTo);
    }
  });
});

describe('what can be ended', () => {
  const now = day('05-02');

  it.each([
    ['what has no end', open, true],
    ['what ends later', { ...open, validTo: day('06-01') }, true],
    ['what has ended', { ...open, validTo: day('05-01') }, false],
    ['what ends this moment', { ...open, validTo: now }, false],
    [
      'what has a successor, though it ends later',
      { ...open, ...ending, validTo: day('06-01') },
      false,
    ],
  ])('%s: %#', (_, version, expected) => {
    expect(canEnd(version, now)).toBe(expected);
  });
});
