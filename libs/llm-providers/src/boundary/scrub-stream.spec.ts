import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { scrubberFor } from './scrub.js';

const KEY = 'sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5';
const scrub = scrubberFor(new CallerKey(KEY));

const inPieces = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  );
const streamed = (pieces: readonly string[], by = scrub): string[] => {
  const stream = by.stream();
  return [...pieces.map((piece) => stream.push(piece)), stream.end()];
};

const TEXTS: Readonly<Record<string, string>> = {
  'no key': 'Ana lives in Lisbon [mem-1], and plays the cello [mem-2].',
  'the key in the middle': `Your key is ${KEY}, keep it.`,
  'nothing but the key': KEY,
  'the key twice in a row': `${KEY}${KEY} and ${KEY}`,
  'a window of it': `It begins ${KEY.slice(3, 15)} I think.`,
  'two windows that overlap, not one after the other': `${KEY.slice(0, 14)}${KEY.slice(5, 20)}`,
  'less than a window of it': `It begins ${KEY.slice(0, 11)}, I think.`,
  'its base64': `Basic ${Buffer.from(`user:${KEY}`).toString('base64')} it is.`,
  'characters of two halves': 'Ana 👋🏽 lives 🏠 in 🇵🇹 and that is all 👍👍👍👍👍👍👍👍',
};

describe('a key in an answer that arrives in pieces', () => {
  it.each(Object.entries(TEXTS))('is hidden as in the whole text: %s', (_title, text) => {
    for (let size = 1; size <= text.length; size += 1) {
      expect(streamed(inPieces(text, size)).join('')).toBe(scrub.text(text));
    }
  });

  it('appears in no piece and not across two pieces', () => {
    const pieces = streamed(inPieces(`Your key is ${KEY}, keep it.`, 3));
    const shown = pieces.join('');
    const windows = Array.from({ length: KEY.length - 11 }, (_, at) => KEY.slice(at, at + 12));
    expect(windows.filter((window) => shown.includes(window))).toEqual([]);
    expect(shown).toContain('Your key is [redacted], keep it.');
  });

  it('delays the text by at most eleven characters, besides white space', () => {
    const stream = scrub.stream();
    expect(stream.push('Ana lives in Lisbon')).toBe('Ana li');
    expect(stream.push('.')).toBe('v');
    expect(stream.end()).toBe('es in Lisbon.');
  });

  it.each([
    '[mem-1]',
    ' [mem-99] ',
    '(mem 99)',
    '【mem_1】',
    '[mem-1], [mem-2] and [mem-3]',
    '\n \u200b',
    '\u{e0101}',
    '\u0301\u0301',
    '\ud83d',
  ])('is hidden as in the whole text if %j is between its parts', (between) => {
    const parts = KEY.match(/.{1,8}/g) ?? [];
    const text = `It is ${parts.join(between)} and so on [mem-4], (as ever).`;
    expect(scrub.text(text)).toBe('It is [redacted] and so on [mem-4], (as ever).');
    for (let size = 1; size <= text.length; size += 1)
      expect(streamed(inPieces(text, size)).join('')).toBe(scrub.text(text));
  });

  it('holds back at most a few hundred characters of any text', () => {
    const stream = scrub.stream();
    const out = inPieces(`a${' '.repeat(20_000)}`, 10).map((piece) => stream.push(piece));
    expect(out.join('').length).toBeGreaterThan(19_000);
  });

  it('is not removed if it has fewer than twelve characters', () => {
    const short = scrubberFor(new CallerKey('ollama'));
    expect(streamed(['My oll', 'ama host'], short).join('')).toBe('My ollama host');
  });
});

describe('a piece of a scrubbed answer', () => {
  it('never ends in the middle of a character', () => {
    const pieces = streamed(inPieces(TEXTS['characters of two halves'] ?? '', 1));
    expect(pieces.filter((piece) => !piece.isWellFormed())).toEqual([]);
    expect(pieces.join('')).not.toContain('\uFFFD');
  });

  it('replaces half of a character that the model wrote', () => {
    expect(streamed(['\uD83D', ' and so on and on'], scrub).join('')).toBe(
      '\uFFFD and so on and on',
    );
  });
});
