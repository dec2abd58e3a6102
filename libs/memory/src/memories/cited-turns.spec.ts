import { describe, expect, it } from 'vitest';

import { citedPositions, type CitedTurn, neighboursOf, planTurnErasure } from './cited-turns.js';

describe('citedPositions', () => {
  it('keeps existing positions, each once, in the order of the conversation', () => {
    expect(citedPositions([4, 0, 4, -1, 5, 1.5, 2], 5)).toEqual([0, 2, 4]);
  });
});

describe('neighboursOf', () => {
  it('returns the turns beside the cited ones, without the cited ones', () => {
    expect(neighboursOf([0, 3, 4], 6)).toEqual([1, 2, 5]);
  });

  it('returns no position outside the conversation', () => {
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
  planTurnErasure(turns, new Set(erased));

describe('when a memory is erased', () => {
  it('erases all turns of its write when the write has no other memory', () => {
    expect(left(conversation([], ['a'], []), 'a')).toEqual({
      turnsToErase: ['turn 0', 'turn 1', 'turn 2'],
      memoriesToReindex: [],
    });
  });

  it('keeps a turn that another memory cites', () => {
    expect(left(conversation([], ['a', 'b'], []), 'a')).toEqual({
      turnsToErase: [],
      memoriesToReindex: [],
    });
  });

  it('keeps an uncited turn beside another cited turn', () => {
    expect(left(conversation(['a'], [], ['b']), 'a')).toEqual({
      turnsToErase: ['turn 0'],
      memoriesToReindex: [],
    });
  });

  it('erases a turn that only this memory cites, and lists the memories beside it for a rebuild', () => {
    expect(left(conversation(['a'], ['b'], ['c']), 'b')).toEqual({
      turnsToErase: ['turn 1'],
      memoriesToReindex: ['a', 'c'],
    });
  });

  it('lists a memory once when it cites the turns on both sides of an erased turn', () => {
    expect(left(conversation(['b'], ['a'], ['b']), 'a')).toEqual({
      turnsToErase: ['turn 1'],
      memoriesToReindex: ['b'],
    });
  });

  it('ignores turns of another write', () => {
    const other = { id: 'other', writeId: 'other write', position: 0, citedBy: ['a'] };
    expect(left([...conversation([], ['b']), other], 'a')).toEqual({
      turnsToErase: ['other'],
      memoriesToReindex: [],
    });
  });

  it('erases the same turns for several memories at once as for one after the other', () => {
    const turns = conversation(['a'], [], ['b'], [], ['c'], []);
    expect(left(turns, 'a', 'b')).toEqual({
      turnsToErase: ['turn 0', 'turn 1', 'turn 2'],
      memoriesToReindex: [],
    });
  });
});
