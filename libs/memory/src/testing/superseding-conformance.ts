import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { ALL_TENANTS } from '../memories/memory-store.js';
import { aHistory } from './builders.js';
import { type MakeHistoryBench, refused, stage, year } from './history-stage.js';

const LATER = new Date(Date.now() + 86_400_000);

/** The promises of every HistoryStore about ending memories. */
export function itSupersedes(makeBench: MakeHistoryBench): void {
  describe('superseding', () => {
    it('ends the memory at validFrom of its successor, and keeps the earlier belief', async () => {
      const { supersede, seen, idOf, memories, scope } = await stage(makeBench, {
        acme: 2001,
        globex: 2005,
      });
      const before = new Date();
      expect(await supersede('acme', 'globex')).toEqual({
        supersededBy: idOf('globex'),
        validTo: year(2005),
      });
      expect(await seen('acme')).toMatchObject({
        supersededBy: idOf('globex'),
        validTo: year(2005),
        believedTo: null,
      });
      const moment = { asOf: year(2010), transactionAsOf: year(2022) };
      expect(before > year(2022)).toBe(true);
      const [then] = (await memories.findMany(scope, [idOf('acme')], moment)).memories;
      expect(then?.version).toMatchObject({ supersededBy: null, validTo: null });
    });

    it('ends the memory now when its successor did not become true later', async () => {
      const { supersede, seen } = await stage(makeBench, { old: 2005, new: 2001 });
      const { validTo } = await supersede('old', 'new');
      expect(Math.abs(validTo.getTime() - Date.now())).toBeLessThan(60_000);
      expect(await seen('old')).toMatchObject({ validTo });
    });

    it('ends the memory at the date of the caller, with a successor or without', async () => {
      const { supersede, seen } = await stage(makeBench, { one: 2001, two: 2002, three: 2003 });
      await supersede('one', 'two', year(2010));
      await supersede('three', null, year(2010));
      expect(await seen('one')).toMatchObject({ validTo: year(2010) });
      expect(await seen('three')).toMatchObject({ validTo: year(2010), supersededBy: null });
    });

    it('moves an end in the future, or adds a successor, which then stays', async () => {
      const { supersede, seen, idOf } = await stage(makeBench, {
        pass: 2001,
        next: 2002,
        other: 2003,
      });
      await supersede('pass', null, LATER);
      await supersede('pass', null, new Date(LATER.getTime() + 1));
      await supersede('pass', 'next', LATER);
      expect(await seen('pass')).toMatchObject({ supersededBy: idOf('next'), validTo: LATER });
      await expect(supersede('pass', 'other')).rejects.toEqual(refused('memory_not_current'));
    });

    it('refuses a memory that has ended', async () => {
      const { supersede } = await stage(makeBench, { one: 2001, two: 2002, three: 2003 });
      await supersede('one', 'two');
      await supersede('three', null, year(2010));
      await expect(supersede('one', 'three')).rejects.toEqual(refused('memory_not_current'));
      await expect(supersede('three', null)).rejects.toEqual(refused('memory_not_current'));
    });

    it('refuses the memory itself as successor, and a cycle of any length', async () => {
      const { supersede, seen } = await stage(makeBench, { a: 2001, b: 2002, c: 2003, d: 2004 });
      await expect(supersede('a', 'a')).rejects.toEqual(refused('supersession_invalid'));
      await supersede('a', 'b');
      await supersede('b', 'c');
      await supersede('c', 'd');
      await expect(supersede('d', 'c')).rejects.toEqual(refused('supersession_invalid'));
      await expect(supersede('d', 'a')).rejects.toEqual(refused('supersession_invalid'));
      expect(await seen('d')).toMatchObject({ validTo: null, supersededBy: null });
    });

    it('refuses an end before validFrom, and accepts one equal to it: then the fact was never true', async () => {
      const { ask } = await stage(makeBench, { one: 2001 });
      const before = ask('one', { validTo: new Date(year(2001).getTime() - 1) });
      await expect(before).rejects.toEqual(refused('invalid_request'));
      expect(await ask('one', { validTo: year(2001) })).toMatchObject({ validTo: year(2001) });
    });

    it('refuses a memory that the caller cannot see, and a successor of another tenant', async () => {
      const stranger = aHistory({ text: 'another account’s' });
      const accountId = randomUUID();
      const blue = aHistory({ accountId, text: 'blue', tenantId: 'blue' });
      const red = aHistory({ accountId, text: 'red', tenantId: 'red' });
      const { history } = await makeBench([stranger, blue, red]);
      const order = (tenantId: string, memoryId: string, supersededBy: string) =>
        history.supersede({
          scope: { accountId, tenantId },
          memoryId,
          supersededBy,
          validTo: null,
          apiKeyId: randomUUID(),
        });
      const [blueId, redId] = [blue.memory.id, red.memory.id];
      for (const unknown of [stranger.memory.id, randomUUID(), 'nonsense']) {
        await expect(order(ALL_TENANTS, blueId, unknown)).rejects.toEqual(refused('not_found'));
        await expect(order(ALL_TENANTS, unknown, blueId)).rejects.toEqual(refused('not_found'));
      }
      await expect(order(ALL_TENANTS, blueId, redId)).rejects.toEqual(
        refused('supersession_invalid'),
      );
      await expect(order('red', blueId, redId)).rejects.toEqual(refused('not_found'));
      await expect(order('blue', blueId, redId)).rejects.toEqual(refused('not_found'));
    });

    it('succeeds for exactly one of many concurrent calls', async () => {
      const { supersede, timeline } = await stage(makeBench, {
        old: 2001,
        a: 2002,
        b: 2003,
        c: 2004,
      });
      const outcomes = await Promise.allSettled(
        (['a', 'b', 'c', 'a', 'b', null] as const).map((by) => supersede('old', by)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(reasons).toEqual(Array.from({ length: 5 }, () => refused('memory_not_current')));
      expect((await timeline('old')).length).toBeLessThanOrEqual(2);
    });

    it('never closes a cycle, whichever links are added at the same time', async () => {
      const { supersede, seen } = await stage(makeBench, { a: 2001, b: 2002, c: 2003, d: 2004 });
      await supersede('b', 'c');
      await supersede('d', 'a');
      const outcomes = await Promise.allSettled([
        supersede('a', 'b'),
        supersede('c', 'd'),
        supersede('a', 'd'),
        supersede('c', 'b'),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect([await seen('a'), await seen('c')].filter((one) => one?.supersededBy)).toHaveLength(1);
    });
  });
}

/** The promises of every HistoryStore about restoring memories. */
export function itRestores(makeBench: MakeHistoryBench): void {
  describe('restoring', () => {
    it('removes the end, and keeps the version that had it', async () => {
      const { supersede, restore, seen, events, idOf, apiKeyId } = await stage(makeBench, {
        one: 2001,
        two: 2005,
      });
      await supersede('one', 'two');
      await restore('one');
      expect(await seen('one')).toMatchObject({
        validFrom: year(2001),
        validTo: null,
        supersededBy: null,
        believedTo: null,
      });
      const undone = { superseded_by: idOf('two'), valid_to: year(2005).toISOString() };
      expect(await events('one')).toMatchObject([
        { event: 'memory.created' },
        {
          event: 'memory.superseded',
          apiKeyId,
          details: { superseded_by: idOf('two'), valid_to: year(2005).toISOString() },
        },
        { event: 'memory.restored', apiKeyId, details: { undone } },
      ]);
    });

    it('does not change a memory without an end', async () => {
      const { restore, seen, events } = await stage(makeBench, { one: 2001 });
      const before = await seen('one');
      await restore('one');
      expect(await seen('one')).toEqual(before);
      expect(await events('one')).toHaveLength(1);
    });

    it('can be followed by another supersession, and by another restoration', async () => {
      const { supersede, restore, seen, events, idOf } = await stage(makeBench, {
        a: 2001,
        b: 2002,
        c: 2003,
      });
      await supersede('a', 'b');
      await restore('a');
      await supersede('a', 'c');
      expect(await seen('a')).toMatchObject({ supersededBy: idOf('c') });
      await restore('a');
      await supersede('a', null, LATER);
      await restore('a');
      expect(await seen('a')).toMatchObject({ supersededBy: null, validTo: null });
      expect((await events('a')).map(({ event }) => event)).toEqual([
        'memory.created',
        'memory.superseded',
        'memory.restored',
        'memory.superseded',
        'memory.restored',
        'memory.expired',
        'memory.restored',
      ]);
    });

    it('allows a supersession in the other direction afterwards', async () => {
      const { supersede, restore } = await stage(makeBench, { a: 2001, b: 2002 });
      await supersede('a', 'b');
      await restore('a');
      await expect(supersede('b', 'a')).resolves.toMatchObject({});
    });

    it('refuses while another current memory holds the same fact, and names its id', async () => {
      const accountId = randomUUID();
      const ended = { validTo: year(2005) };
      const old = aHistory({ accountId, text: 'Ana has a cat.' }, ended);
      const standing = aHistory({ accountId, text: 'ana  has a CAT.' });
      const elsewhere = aHistory({ accountId, text: 'Ana has a cat.', source: 'crm' });
      const { history, memories } = await makeBench([old, standing, elsewhere]);
      const scope = { accountId, tenantId: ALL_TENANTS };
      const order = { scope, memoryId: old.memory.id, apiKeyId: randomUUID() };
      await expect(history.restore(order)).rejects.toEqual(
        expect.objectContaining({
          code: 'memory_not_current',
          message: expect.stringContaining(standing.memory.id),
        }),
      );
      expect((await memories.find(scope, old.memory.id))?.version).toMatchObject(ended);
      await history.supersede({
        ...order,
        memoryId: standing.memory.id,
        supersededBy: null,
        validTo: null,
      });
      await expect(history.restore(order)).resolves.toBeUndefined();
    });

    it('refuses a memory that the caller cannot see', async () => {
      const { history, named, scope, accountId } = await stage(makeBench, { one: 2001 });
      const order = named('one');
      for (const elsewhere of [
        { scope: { accountId, tenantId: 'blue' } },
        { scope: { ...scope, accountId: randomUUID() } },
        { memoryId: randomUUID() },
        { memoryId: 'nonsense' },
      ]) {
        await expect(history.restore({ ...order, ...elsewhere })).rejects.toEqual(
          refused('not_found'),
        );
      }
    });
  });
}
