import { describe, expect, it } from 'vitest';

import { citedPositions, neighboursOf } from './cited-turns.js';

describe('cited turns', () => {
  it('are those that exist, once, in the order of the conversation', () => {
    expect(citedPositions([4, 0, 4, -1, 5, 1.5, 2], 5)).toEqual([0, 2, 4]);
  });
});

describe('neighbours', () => {
  it('are the turns beside the cited ones, without these', () => {
    expect(neighboursOf([0, 3, 4], 6)).toEqual([1, 2, 5]);
  });

  it('end with the conversation', () => {
    expect(neighboursOf([0], 1)).toEqual([]);
    expect(neighboursOf([], 5)).toEqual([]);
  });
});
