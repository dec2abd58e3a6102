import { describe, expect, it } from 'vitest';

import { MAX_CITED_CHARACTERS, MAX_NEIGHBOUR_CHARACTERS, TurnWords } from './search-documents.js';
import { searchText } from './search-text.js';

const wordsOf = (...contents: string[]): TurnWords =>
  new TurnWords((position) => contents[position]);

describe('the words of turns', () => {
  it('are those of their text, in an ordinary conversation', () => {
    const said = ['Müller moved to 東京.', 'Really?', 'Yes.'];
    expect(
      wordsOf(...said)
        .at([0, 2], 8_192)
        .split(/\s/),
    ).toEqual(searchText(`${said[0]}\n${said[2]}`).split(' '));
  });

  it('end where so many characters are used', () => {
    const words = wordsOf('a'.repeat(6), 'b'.repeat(6), 'c'.repeat(6));
    expect(words.at([0, 1, 2], 9)).toBe('aaaaaa\nbbb');
    expect(words.at([0, 1], 0)).toBe('');
  });

  it('pass over a turn that is gone', () => {
    const words = new TurnWords((position) => (position === 1 ? undefined : 'left'));
    expect(words.at([0, 1, 2], 100)).toBe('left\nleft');
  });
});

describe('the share of a fact', () => {
  const fact = { cited: [0], neighbours: [1] };
  const facts = (count: number) => Array.from({ length: count }, () => fact);

  it('is all that it may have, in an ordinary conversation of two thousand facts', () => {
    expect(wordsOf('x'.repeat(800), 'y'.repeat(800)).shareOf(facts(2_000))).toBe(1);
  });

  it('shrinks where many facts cite long turns', () => {
    const words = wordsOf('x'.repeat(1_000_000), 'y'.repeat(1_000_000));
    expect(words.shareOf(facts(250))).toBe(1);
    const share = words.shareOf(facts(2_000));
    const bytes = 2_000 * share * (MAX_CITED_CHARACTERS + MAX_NEIGHBOUR_CHARACTERS);
    expect(bytes).toBeCloseTo(3.5 * 1024 * 1024, -2);
  });

  it('counts bytes: scripts of three a character make more words of each', () => {
    const words = wordsOf('東'.repeat(1_000_000), '');
    expect(words.shareOf(facts(1_000))).toBeLessThan(0.2);
  });
});
