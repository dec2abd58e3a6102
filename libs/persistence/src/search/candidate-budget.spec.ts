import { describe, expect, it } from 'vitest';

import {
  anyOf,
  CANDIDATE_BUDGET,
  lexemesToMatch,
  lexemesToRank,
  MAX_LEXEMES,
} from './candidate-budget.js';

const MILLION = 1_000_000;
const frequencies = new Map([
  ['user', 0.9],
  ['like', 0.3],
  ['lisbon', 0.015],
  ['tram', 0.004],
]);

describe('lexemesToMatch', () => {
  it('returns all lexemes in a scope within the budget', () => {
    expect(lexemesToMatch(['user', 'lisbon'], frequencies, CANDIDATE_BUDGET)).toEqual([
      'user',
      'lisbon',
    ]);
  });

  it('returns the rarest lexemes whose candidates fit into the budget', () => {
    expect(lexemesToMatch(['user', 'like', 'lisbon', 'tram'], frequencies, MILLION)).toEqual([
      'tram',
      'lisbon',
    ]);
    expect(lexemesToMatch(['user', 'like', 'lisbon', 'tram'], frequencies, 60_000)).toEqual([
      'tram',
      'lisbon',
      'like',
    ]);
  });

  it('returns at least one lexeme, however common', () => {
    expect(lexemesToMatch(['user', 'like'], frequencies, MILLION)).toEqual(['like']);
  });

  it('expects no candidates from a lexeme without statistics', () => {
    expect(lexemesToMatch(['user', 'zanzibar', 'quokka'], frequencies, MILLION)).toEqual([
      'zanzibar',
      'quokka',
    ]);
  });
});

describe('anyOf', () => {
  it('quotes operators in lexemes', () => {
    expect(anyOf(['a', `o'brien`, 'c:\\temp', '!(x)'])).toBe(
      `'a' | 'o''brien' | 'c:\\\\temp' | '!(x)'`,
    );
  });
});

describe('lexemesToRank', () => {
  it('returns all lexemes of an ordinary question', () => {
    expect(lexemesToRank(['b', 'a'], new Map())).toEqual(['b', 'a']);
  });

  it('returns the rarest of many lexemes, and the longest of those without statistics', () => {
    const many = Array.from({ length: 1_000 }, (_, nth) => `w${'x'.repeat(nth % 10)}${nth}`);
    const known = new Map(many.slice(0, 900).map((lexeme, nth) => [lexeme, 0.5 - nth / 10_000]));
    const chosen = lexemesToRank(many, known);
    expect(chosen).toHaveLength(MAX_LEXEMES);
    expect(chosen.every((lexeme) => !known.has(lexeme))).toBe(true);
    const shortest = Math.min(...chosen.map(({ length }) => length));
    expect(shortest).toBeGreaterThan(6);
  });
});
