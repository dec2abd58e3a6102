import { describe, expect, it } from 'vitest';

import { type CallPiece, CollectedAnswer, NO_PIECE } from './collected-answer.js';

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

  it('repeat or complete the text that arrived in parts', () => {
    const parts = [{ text: 'Ana ' }, { text: 'lives' }];
    expect(collect(...parts, ...messages('Ana lives'))).toBe('Ana lives');
    expect(collect(...parts, ...messages('Ana lives here.'))).toBe('Ana lives here.');
    expect(collect(...parts, ...messages('Something else.'))).toBe('Ana lives');
  });

  it('are read in linear time', () => {
    const started = process.cpuUsage();
    expect(collect(...messages('ab', ...Array<string>(100_000).fill('cd')))).toHaveLength(200_002);
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});

const callsOf = (...parts: readonly CallPiece[]): readonly string[] => {
  const answer = new CollectedAnswer();
  for (const part of parts) answer.add({ ...NO_PIECE, calls: [part] });
  return answer.completion.toolCalls;
};

describe('tool calls that arrive in parts', () => {
  it.each<[string, readonly CallPiece[], readonly string[]]>([
    [
      'are separated by their indexes',
      [
        { place: 0, id: 'a', input: '1' },
        { place: 1, id: 'b', input: '2' },
        { place: 0, input: '3' },
      ],
      ['13', '2'],
    ],
    [
      'are separated by their ids if they have the same index',
      [
        { place: 0, id: 'a', input: '1' },
        { place: 0, id: 'b', input: '2' },
        { place: 0, id: 'a', input: '3' },
      ],
      ['13', '2'],
    ],
    [
      'continue the latest call with their index if they have no id',
      [
        { place: 0, id: 'a', input: '1' },
        { place: 0, id: 'b', input: '2' },
        { place: 0, input: '3' },
      ],
      ['1', '23'],
    ],
  ])('%s', (_title, parts, calls) => {
    expect(callsOf(...parts)).toEqual(calls);
  });

  it('are refused if there are more than a thousand', () => {
    const parts = Array.from({ length: 1_001 }, (_, place) => ({ place, input: '' }));
    expect(callsOf(...parts.slice(1))).toHaveLength(1_000);
    expect(() => callsOf(...parts)).toThrow('too many tool calls');
  });
});
