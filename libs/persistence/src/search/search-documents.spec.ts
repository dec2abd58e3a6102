import { describe, expect, it } from 'vitest';

import { MAX_CITED_CHARACTERS, MAX_NEIGHBOUR_CHARACTERS, TurnWords } from './search-documents.js';
import { searchText } from './search-text.js';

const wordsOf = (...contents: string[]): TurnWords =>
  new TurnWords((position) => contents[position]);

describe('the words of turns', () => {
  it('are the words of the complete texts in an ordinary conversation', () => {
    const said = ['Müller moved to 東京.', 'Really?', 'Yes.'];
    expect(
      wordsOf(...said)
        .at([0, 2], 8_192)
        .split(/\s/),
    ).toEqual(searchText(`${said[0]}\n${said[2]}`).split(' '));
  });

  it('end after the given number of characters', () => {
    const words = wordsOf('a'.repeat(6), 'b'.repeat(6), 'c'.repeat(6));
    expect(words.at([0, 1, 2], 9)).toBe('aaaaaa\nbbb');
    expect(words.at([0, 1], 0)).toBe('');
  });

  it('skip an erased turn', () => {
    const words = new TurnWords((position) => (position === 1 ? undefined : 'left'));
    expect(words.at([0, 1, 2], 100)).toBe('left\nleft');
  });
});

describe('the share of a fact', () => {
  const fact = { cited: [0], neighbours: [1] };
  const facts = (count: number) => Array.from({ length: count }, () => fact);

  it('is 1 in an ordinary conversation of two thousand facts', () => {
    expect(wordsOf('x'.repeat(800), 'y'.repeat(800)).shareOf(facts(2_000))).toBe(1);
  });

  it('is below 1 when many facts cite long turns', () => {
    const words = wordsOf('x'.repeat(1_000_000), 'y'.repeat(1_000_000));
    expect(words.shareOf(facts(250))).toBe(1);
    const share = words.shareOf(facts(2_000));
    const bytes = 2_000 * share * (MAX_CITED_CHARACTERS + MAX_NEIGHBOUR_CHARACTERS);
    expect(bytes).toBeCloseTo(3.5 * 1024 * 1024, -2);
  });

  it('counts bytes, because a script with three bytes per character gives more words', () => {
    const words = wordsOf('東'.repeat(1_000_000), '');
    expect(words.shareOf(facts(1_000))).toBeLessThan(0.2);
  });
});
