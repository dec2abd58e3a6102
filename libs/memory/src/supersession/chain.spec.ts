import { describe, expect, it } from 'vitest';

import { leadsTo, type Link, MAX_CHAIN, timelineOf } from './chain.js';

const year = (number: number): Date => new Date(Date.UTC(number, 0, 1));
const link = (memoryId: string, supersededBy: string | null, created = 2021): Link => ({
  memoryId,
  supersededBy,
  createdAt: year(created),
  validFrom: null,
  erased: false,
});
/** @param begun the years in which members became true. */
const idsOf = (links: readonly Link[], begun: Readonly<Record<string, number>> = {}) =>
  timelineOf(
    links.map((one) => {
      const from = begun[one.memoryId];
      return from === undefined ? one : { ...one, validFrom: year(from) };
    }),
  ).map(({ memoryId }) => memoryId);

const id = (nth: number): string => String(nth).padStart(6, '0');

const TREE = [link('c', 'd'), link('a', 'c'), link('b', 'c'), link('d', null)];
const CIRCLE = [link('a', 'b'), link('b', 'c'), link('c', 'a')];

describe('leadsTo', () => {
  it('finds every later member of the chain, and the start itself', () => {
    expect(leadsTo(TREE, 'a', 'd')).toBe(true);
    expect(leadsTo(TREE, 'a', 'a')).toBe(true);
    expect(leadsTo(TREE, 'd', 'a')).toBe(false);
    expect(leadsTo(TREE, 'a', 'b')).toBe(false);
  });

  it('stops at a cycle', () => {
    expect(leadsTo(CIRCLE, 'a', 'c')).toBe(true);
    expect(leadsTo(CIRCLE, 'a', 'elsewhere')).toBe(false);
  });

  it('stops at a successor that is not in the chain', () => {
    expect(leadsTo([link('a', 'gone')], 'a', 'b')).toBe(false);
  });
});

describe('timelineOf', () => {
  it('puts predecessors first, the older one before the other', () => {
    expect(idsOf(TREE, { a: 2005, b: 2002, c: 2007, d: 2009 })).toEqual(['b', 'a', 'c', 'd']);
  });

  it('puts a superseded memory before its successor, whatever their dates', () => {
    expect(idsOf(TREE, { a: 2009, b: 2008, c: 2001, d: 2000 })).toEqual(['b', 'a', 'c', 'd']);
  });

  it('sorts memories with the same validFrom by the time when they were stored', () => {
    const links = [link('a', 'c', 2023), link('b', 'c', 2022), link('c', null)];
    expect(idsOf(links, { a: 2001, b: 2001, c: 2001 })).toEqual(['b', 'a', 'c']);
  });

  it('cuts a cycle at its oldest member, and puts memories that lead into the cycle first', () => {
    expect(idsOf(CIRCLE, { a: 2003, b: 2001, c: 2002 })).toEqual(['b', 'c', 'a']);
    const into = [...CIRCLE, link('z', 'a')];
    expect(idsOf(into, { a: 2003, b: 2001, c: 2002, z: 2009 })).toEqual(['z', 'b', 'c', 'a']);
  });

  it('sorts a chain and a tree of the largest size', () => {
    const size = MAX_CHAIN;
    const chain = Array.from({ length: size }, (_, nth) =>
      link(id(nth), nth === 0 ? null : id(nth - 1)),
    );
    expect(idsOf(chain).slice(0, 2)).toEqual([id(size - 1), id(size - 2)]);
    const tree = Array.from({ length: size }, (_, nth) => link(id(nth), nth === 0 ? null : id(0)));
    expect(idsOf(tree).at(-1)).toBe(id(0));
  });
});
