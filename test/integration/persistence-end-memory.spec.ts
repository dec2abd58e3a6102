import { randomUUID } from 'node:crypto';

import { aContentWrite } from '@app/memory/testing';
import { endMemory } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { asker, type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;
const who = asker();

beforeAll(async () => {
  stores = await writeStores();
});

afterAll(() => stores.close());

async function remembered(content: string): Promise<string> {
  const request = aContentWrite({ content });
  const { memoryId } = await stores.writes.remember({
    id: randomUUID(),
    asker: who,
    request,
    requestId: 'r',
    writesPerMonth: null,
  });
  return memoryId;
}

async function clock(): Promise<Date> {
  const [row] = await stores.database.query<{ now: Date }>(
    `select date_trunc('milliseconds', clock_timestamp()) as now`,
  );
  if (row === undefined) throw new Error('No clock');
  return row.now;
}

async function ended(memoryId: string, given: Partial<Parameters<typeof endMemory>[1]> = {}) {
  const now = await clock();
  return stores.database.inTransaction((statements) =>
    endMemory(statements, {
      accountId: who.accountId,
      memoryId,
      validTo: now,
      supersededBy: null,
      apiKeyId: who.apiKeyId,
      event: 'memory.expired',
      details: {},
      now,
      ...given,
    }),
  );
}

const versionsOf = (memoryId: string) =>
  stores.database.query<Record<string, unknown>>(
    'select * from memory_versions where memory_id = $1 order by believed_from',
    [memoryId],
  );

describe('ending a memory', () => {
  it('closes the current version, adds the next one, and writes the audit', async () => {
    const memoryId = await remembered('Ana has a bicycle.');
    const supersededBy = randomUUID();
    expect(await ended(memoryId, { supersededBy, event: 'memory.superseded' })).toBe(true);

    const [first, second] = await versionsOf(memoryId);
    expect(first).toMatchObject({ valid_to: null, superseded_by: null });
    expect(second).toMatchObject({
      superseded_by: supersededBy,
      believed_from: first?.['believed_to'],
      believed_to: null,
    });
    const [memory] = await stores.database.query('select * from memories where id = $1', [
      memoryId,
    ]);
    expect(memory).toMatchObject({ current: false, valid_to: second?.['valid_to'] });
    const events = await stores.database.query(
      'select * from audit_events where memory_id = $1 order by id',
      [memoryId],
    );
    expect(events).toMatchObject([
      { event: 'memory.created', tenant_id: '' },
      {
        event: 'memory.superseded',
        tenant_id: '',
        at: second?.['believed_from'],
        api_key_id: who.apiKeyId,
        successor_id: supersededBy,
        details: { superseded_by: supersededBy },
      },
    ]);
  });

  it('changes no memory that has ended, belongs to another account, or does not exist', async () => {
    const memoryId = await remembered('Ana has a boat.');
    expect(await ended(memoryId, { accountId: randomUUID() })).toBe(false);
    expect(await ended(randomUUID())).toBe(false);
    expect(await ended(memoryId)).toBe(true);
    expect(await ended(memoryId)).toBe(false);
    expect(await versionsOf(memoryId)).toHaveLength(2);
  });

  it('makes each version last at least a millisecond when two changes fall into the same one', async () => {
    const memoryId = await remembered('Ana has a balloon.');
    const [born] = await versionsOf(memoryId);
    const now = born?.['believed_from'] as Date;
    const later = new Date(Date.now() + 3_600_000);
    expect(await ended(memoryId, { now, validTo: later })).toBe(true);
    expect(await ended(memoryId, { now, validTo: now })).toBe(true);
    const times = (await versionsOf(memoryId)).map((version) => version['believed_from']);
    expect(times).toEqual([now, new Date(now.getTime() + 1), new Date(now.getTime() + 2)]);
  });

  it('succeeds for one of several concurrent calls', async () => {
    const memoryId = await remembered('Ana has a barge.');
    // The second transaction has read the memory, and is stopped before it changes it.
    const settled = await stores.database.inTransaction(async (statements) => {
      await statements.query('select 1 from memory_versions where memory_id = $1 for update', [
        memoryId,
      ]);
      const all = Promise.all(
        Array.from({ length: 4 }, () =>
          ended(memoryId, { supersededBy: randomUUID(), event: 'memory.superseded' }),
        ),
      );
      await vi.waitFor(async () => {
        const waiting = await stores.database.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(waiting).toHaveLength(4);
      });
      return () => all;
    });
    expect((await settled()).filter(Boolean)).toHaveLength(1);
    expect(await versionsOf(memoryId)).toHaveLength(2);
  });

  it('leaves a memory current until an end in the future', async () => {
    const memoryId = await remembered('Ana has a bus pass.');
    expect(await ended(memoryId, { validTo: new Date(Date.now() + 3_600_000) })).toBe(true);
    const again = await remembered('ana has a bus pass.');
    expect(again).toBe(memoryId);
    expect(await ended(memoryId)).toBe(true);
    expect(await remembered('ana has a bus pass.')).not.toBe(memoryId);
  });

  it('allows the same fact again after its end, although nothing was written since', async () => {
    const memoryId = await remembered('Ana has a visitor.');
    const soon = new Date(Date.now() + 150);
    await ended(memoryId, { validTo: soon });
    expect(await remembered('Ana has a visitor.')).toBe(memoryId);
    await vi.waitFor(async () => expect(await clock()).toSatisfy((now: Date) => now > soon), {
      timeout: 10_000,
    });
    const returned = await Promise.all(
      Array.from({ length: 4 }, () => remembered('Ana has a visitor.')),
    );
    expect(new Set(returned).size).toBe(1);
    expect(returned[0]).not.toBe(memoryId);
    expect(await remembered('Ana has a visitor.')).toBe(returned[0]);
  });
});
