import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { ALL_TENANTS } from '../memories/memory-store.js';
import { aHistory } from './builders.js';
import { type MakeHistoryBench, stage, year } from './history-stage.js';
import { itRestores, itSupersedes } from './superseding-conformance.js';

/** The promises of every HistoryStore about chains and events, erased memories included. */
function itKeepsChains(makeBench: MakeHistoryBench): void {
  describe('a chain', () => {
    it('is the same from any of its members, oldest first, trees included', async () => {
      const { supersede, timeline } = await stage(makeBench, {
        d: 2004,
        b: 2002,
        a: 2001,
        c: 2003,
        e: 2005,
      });
      await supersede('a', 'c');
      await supersede('b', 'c');
      await supersede('c', 'd');
      for (const name of ['a', 'b', 'c', 'd'] as const) {
        expect(await timeline(name)).toEqual(['a', 'b', 'c', 'd']);
      }
      expect(await timeline('e')).toEqual(['e']);
    });

    it('puts a superseded memory before its successor, whatever their dates', async () => {
      const { supersede, timeline } = await stage(makeBench, { late: 2009, early: 2001 });
      await supersede('late', 'early');
      expect(await timeline('early')).toEqual(['late', 'early']);
    });

    it('loses a member that is restored', async () => {
      const { supersede, restore, timeline } = await stage(makeBench, {
        a: 2001,
        b: 2002,
        c: 2003,
      });
      await supersede('a', 'b');
      await supersede('b', 'c');
      await restore('a');
      expect(await timeline('a')).toEqual(['a']);
      expect(await timeline('c')).toEqual(['b', 'c']);
    });

    it('is read to its end when the data contains a cycle', async () => {
      const accountId = randomUUID();
      const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
      const circle = [
        aHistory({ accountId, id: a, text: 'a' }, { supersededBy: b, validTo: year(2022) }),
        aHistory({ accountId, id: b, text: 'b' }, { supersededBy: c, validTo: year(2022) }),
        aHistory({ accountId, id: c, text: 'c' }, { supersededBy: a, validTo: year(2022) }),
      ];
      const { history } = await makeBench(circle);
      const { links } = await history.chainOf({ accountId, tenantId: null }, b);
      expect(links.map(({ memoryId }) => memoryId).toSorted()).toEqual([a, b, c].toSorted());
    });

    it('continues past an erased memory, at its end, at its beginning and in between', async () => {
      const { supersede, timeline, erase, idOf } = await stage(makeBench, {
        a: 2001,
        b: 2002,
        c: 2003,
        d: 2004,
      });
      await supersede('a', 'b');
      await supersede('b', 'c');
      await supersede('c', 'd');
      await erase(idOf('b'));
      for (const name of ['a', 'b', 'c', 'd'] as const) {
        expect(await timeline(name)).toEqual(['a', 'b (erased)', 'c', 'd']);
      }
      await erase(idOf('a'));
      await erase(idOf('d'));
      expect(await timeline('c')).toEqual(['a (erased)', 'b (erased)', 'c', 'd (erased)']);
    });

    it('does not use the link of a restored memory, also after its erasure', async () => {
      const { supersede, restore, timeline, erase, idOf } = await stage(makeBench, {
        a: 2001,
        b: 2002,
      });
      await supersede('a', 'b');
      await restore('a');
      await erase(idOf('a'));
      expect(await timeline('b')).toEqual(['b']);
      expect(await timeline('a')).toEqual(['a (erased)']);
    });

    it('is empty outside the scope of the caller, and for an unknown id', async () => {
      const { history, accountId, idOf, erase } = await stage(
        makeBench,
        { a: 2001 },
        { tenantId: 'blue' },
      );
      const chain = async (tenantId: string | null, memoryId = idOf('a'), account = accountId) =>
        (await history.chainOf({ accountId: account, tenantId }, memoryId)).links;
      const nothing = async (): Promise<void> => {
        expect(await chain('red')).toEqual([]);
        expect(await chain(null)).toEqual([]);
        expect(await chain(ALL_TENANTS, idOf('a'), randomUUID())).toEqual([]);
        expect(await chain(ALL_TENANTS, randomUUID())).toEqual([]);
        expect(await chain(ALL_TENANTS, 'nonsense')).toEqual([]);
        expect(await chain('blue')).toHaveLength(1);
      };
      await nothing();
      await erase(idOf('a'));
      await nothing();
    });
  });

  describe('events', () => {
    it('stay readable after an erasure, in the scope of the erased memory', async () => {
      const { history, accountId, erase, idOf, named } = await stage(
        makeBench,
        { a: 2001 },
        { tenantId: 'blue' },
      );
      await history.supersede({ ...named('a'), supersededBy: null, validTo: year(2005) });
      await erase(idOf('a'));
      const events = async (tenantId: string | null, account = accountId) =>
        (await history.eventsOf({ accountId: account, tenantId }, idOf('a'), { limit: 100 }))
          .events;
      for (const tenantId of ['blue', ALL_TENANTS]) {
        expect((await events(tenantId)).map(({ event }) => event)).toEqual([
          'memory.created',
          'memory.expired',
          'memory.erased',
        ]);
      }
      expect(await events('red')).toEqual([]);
      expect(await events(null)).toEqual([]);
      expect(await events(ALL_TENANTS, randomUUID())).toEqual([]);
    });

    it('are paged without skipping or repeating', async () => {
      const { history, scope, idOf, named } = await stage(makeBench, { a: 2001 });
      await history.supersede({ ...named('a'), supersededBy: null, validTo: year(2005) });
      await history.restore(named('a'));
      const told: string[] = [];
      for (let afterId: string | undefined, left = true; left;) {
        const page = await history.eventsOf(scope, idOf('a'), { limit: 2, afterId });
        told.push(...page.events.map(({ event }) => event));
        [afterId, left] = [page.events.at(-1)?.id, page.hasMore];
      }
      expect(told).toEqual(['memory.created', 'memory.expired', 'memory.restored']);
    });
  });
}

/** The tests that every HistoryStore passes. `makeBench` gets memories and stores them. */
export function itKeepsHistory(makeBench: MakeHistoryBench): void {
  itSupersedes(makeBench);
  itRestores(makeBench);
  itKeepsChains(makeBench);
}
