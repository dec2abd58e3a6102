import { describe, expect, it } from 'vitest';

import { CollectedAnswer, NO_PIECE } from './collected-answer.js';

const collect = (...events: readonly { text: string; isMessage?: boolean }[]): string => {
  const answer = new CollectedAnswer();
  const given = events.map((event) => answer.add({ ...NO_PIECE, ...event })).join('');
  expect(answer.completion.text).toBe(given);
  return given;
};
const messages = (...texts: readonly string[]) => texts.map((text) => ({ text, isMessage: true }));

describe('events that hold messages', () => {
  it.each([
    [['Ana', 'Ana lives', 'Ana lives here.'], 'Ana lives here.'],
    [['Ana', ' lives', ' here.'], 'Ana lives here.'],
    [['Ana', ' lives', ' here.', 'Ana lives here.'], 'Ana lives here.'],
    [['Ana', 'Ana lives here.', 'Ana'], 'Ana lives here.'],
    [['Ana lives here.'], 'Ana lives here.'],
  ])('%j are one text', (texts, whole) => {
    expect(collect(...messages(...texts))).toBe(whole);
  });

  it('repeat or complete what came in parts', () => {
    const parts = [{ text: 'Ana ' }, { text: 'lives' }];
    expect(collect(...parts, ...messages('Ana lives'))).toBe('Ana lives');
    expect(collect(...parts, ...messages('Ana lives here.'))).toBe('Ana lives here.');
    expect(collect(...parts, ...messages('Something else.'))).toBe('Ana lives');
  });

  it('are read in time in proportion to them', () => {
    const started = performance.now();
    expect(collect(...messages('ab', ...Array<string>(100_000).fill('cd')))).toHaveLength(200_002);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
