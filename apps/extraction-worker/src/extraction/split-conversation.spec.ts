import type { Message } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { estimateTokens, splitConversation } from './split-conversation.js';

const said = (content: string): Message => ({ role: 'user', name: null, at: null, content });
const talk = (count: number, words: number): Message[] =>
  Array.from({ length: count }, (_, index) => said(`${index} ${'word '.repeat(words)}`));

describe('splitConversation', () => {
  it('makes one part of a short conversation', () => {
    const [part, ...others] = splitConversation([said('Hello.'), said('I moved to Rome.')]);
    expect(part?.map(({ position }) => position)).toEqual([0, 1]);
    expect(others).toEqual([]);
  });

  it('keeps every part within its number of tokens', () => {
    const parts = splitConversation(talk(60, 40), { tokens: 1_000, overlap: 3 });
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      const tokens = part.reduce((sum, { text }) => sum + estimateTokens(text), 0);
      expect(tokens).toBeLessThanOrEqual(1_000);
    }
  });

  it('has every message in order, and repeats the end of each part in the next', () => {
    const parts = splitConversation(talk(60, 40), { tokens: 1_000, overlap: 2 });
    const shown = parts.flatMap((part) => part.map(({ position }) => position));
    expect([...new Set(shown)]).toEqual(Array.from({ length: 60 }, (_, index) => index));
    for (const [index, part] of parts.slice(1).entries()) {
      expect(part.slice(0, 2)).toEqual(parts[index]?.slice(-2));
    }
  });

  it('repeats no message when one message fills a part', () => {
    const parts = splitConversation(talk(3, 600), { tokens: 1_000, overlap: 3 });
    expect(parts.map((part) => part.map(({ position }) => position))).toEqual([[0], [1], [2]]);
  });

  it('splits a message that is longer than a part without losing a character', () => {
    const long = '日本語の長い文章🙂 '.repeat(400);
    const parts = splitConversation([said(long)], { tokens: 500, overlap: 0 });
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.flat().every(({ position }) => position === 0)).toBe(true);
    expect(
      parts
        .flat()
        .map(({ text }) => text)
        .join(''),
    ).toBe(long);
  });

  it('splits a message without white space', () => {
    const long = '🙂'.repeat(2_000);
    const texts = splitConversation([said(long)], { tokens: 500, overlap: 0 }).flat();
    expect(texts.map(({ text }) => text).join('')).toBe(long);
  });
});
