import { describe, expect, it } from 'vitest';

import { citedPositions, type CitedTurn, neighboursOf, turnsLeft } from './cited-turns.js';

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

/** One turn a position, each with the memories that cite it. */
const conversation = (...citedBy: readonly (readonly string[])[]): readonly CitedTurn[] =>
  citedBy.map((memories, position) => ({
    id: `turn ${position}`,
    writeId: 'write',
    position,
    citedBy: memories,
  }));

const left = (turns: readonly CitedTurn[], ...erased: readonly string[]) =>
  turnsLeft(turns, new Set(erased));

describe('when a memory is erased', () => {
  it('all its turns go where it was alone', () => {
    expect(left(conversation([], ['a'], []), 'a')).toEqual({
      going: ['turn 0', 'turn 1', 'turn 2'],
      touched: [],
    });
  });

  it('a turn that another memory cites stays', () => {
    expect(left(conversation([], ['a', 'b'], []), 'a')).toEqual({ going: [], touched: [] });
  });

  it('a turn that nothing cites stays with its other neighbour', () => {
    expect(left(conversation(['a'], [], ['b']), 'a')).toEqual({ going: ['turn 0'], touched: [] });
  });

  it('a turn that it alone cites goes, and whoever stands beside is searched without it', () => {
    expect(left(conversation(['a'], ['b'], ['c']), 'b')).toEqual({
      going: ['turn 1'],
      touched: ['a', 'c'],
    });
  });

  it('a memory that cites a turn further on as well is touched by the one that goes', () => {
    expect(left(conversation(['b'], ['a'], ['b']), 'a')).toEqual({
      going: ['turn 1'],
      touched: ['b'],
    });
  });

  it('turns of another write have nothing to do with it', () => {
    const other = { id: 'other', writeId: 'other write', position: 0, citedBy: ['a'] };
    expect(left([...conversation([], ['b']), other], 'a')).toEqual({
      going: ['other'],
      touched: [],
    });
  });

  it('several at once are as good as one after the other', () => {
    const turns = conversation(['a'], [], ['b'], [], ['c'], []);
    expect(left(turns, 'a', 'b')).toEqual({
      going: ['turn 0', 'turn 1', 'turn 2'],
      touched: [],
    });
  });
});
