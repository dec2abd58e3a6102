import { describe, expect, it } from 'vitest';

import { aHistory } from '../testing/builders.js';
import { leadsTo, type Link, timelineOf } from './chain.js';

const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));
const link = (memoryId: string, supersededBy: string | null, created = 2021): Link => ({
  memoryId,
  supersededBy,
  createdAt: year(created),
  erased: false,
});
const seen = (id: string, validFrom: number) => {
  const { memory, versions } = aHistory({ id }, { validFrom: year(validFrom) });
  return versions.map((version) => ({ memory, version })).slice(0, 1);
};
const idsOf = (links: readonly Link[], ...memories: ReturnType<typeof seen>[]) =>
  timelineOf(links, memories.flat()).map(({ memoryId }) => memoryId);

const TREE = [link('c', 'd'), link('a', 'c'), link('b', 'c'), link('d', null)];
const CIRCLE = [link('a', 'b'), link('b', 'c'), link('c', 'a')];

describe('what a chain leads to', () => {
  it('is every later member, and itself', () => {
    expect(leadsTo(TREE, 'a', 'd')).toBe(true);
    expect(leadsTo(TREE, 'a', 'a')).toBe(true);
    expect(leadsTo(TREE, 'd', 'a')).toBe(false);
    expect(leadsTo(TREE, 'a', 'b')).toBe(false);
  });

  it('ends where the data goes in a circle', () => {
    expect(leadsTo(CIRCLE, 'a', 'c')).toBe(true);
    expect(leadsTo(CIRCLE, 'a', 'elsewhere')).toBe(false);
  });

  it('ends at a member that nobody knows', () => {
    expect(leadsTo([link('a', 'gone')], 'a', 'b')).toBe(false);
  });
});

describe('a timeline', () => {
  it('has predecessors first, the older of them before the other', () => {
    const memories = [seen('a', 2005), seen('b', 2002), seen('c', 2007), seen('d', 2009)];
    expect(idsOf(TREE, ...memories)).toEqual(['b', 'a', 'c', 'd']);
  });

  it('tells memories that became true together apart by when they were stored', () => {
    const links = [link('a', 'c', 2023), link('b', 'c', 2022), link('c', null)];
    expect(idsOf(links, seen('a', 2001), seen('b', 2001), seen('c', 2001))).toEqual([
      'b',
      'a',
      'c',
    ]);
  });

  it('cuts a circle at its oldest member', () => {
    expect(idsOf(CIRCLE, seen('a', 2003), seen('b', 2001), seen('c', 2002))).toEqual([
      'b',
      'c',
      'a',
    ]);
  });

  it('keeps the place of what was erased, and leaves out what may not be seen', () => {
    const links = [link('a', 'b'), { ...link('b', 'c'), erased: true }, link('c', null)];
    expect(timelineOf(links, seen('c', 2003))).toEqual([
      { memoryId: 'b', seen: undefined },
      { memoryId: 'c', seen: expect.anything() },
    ]);
  });
});
