import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { ALL_TENANTS } from '../memories/memory-store.js';
import { aHistory } from './builders.js';
import { type MakeHistoryBench, refused, stage, year } from './history-stage.js';

const LATER = new Date(Date.now() + 86_400_000);

/** How every HistoryStore takes an end back. */
export function itRestores(makeBench: MakeHistoryBench): void {
  describe('restoring', () => {
    it('takes the end back, and keeps that there was one', async () => {
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

    it('leaves alone what has no end', async () => {
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

    it('opens the way for the other direction', async () => {
      const { supersede, restore } = await stage(makeBench, { a: 2001, b: 2002 });
      await supersede('a', 'b');
      await restore('a');
      await expect(supersede('b', 'a')).resolves.toMatchObject({});
    });

    it('refuses while the same fact stands under another id, and says which', async () => {
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

    it('refuses what the caller cannot see', async () => {
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
