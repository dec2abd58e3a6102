import { randomUUID } from 'node:crypto';

import type { Asker } from '@app/memory';
import { aContentWrite } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asker, type WriteStores, writeStores } from '../support/write-stores.js';

let stores: WriteStores;

beforeAll(async () => {
  stores = await writeStores();
});

afterAll(() => stores.close());

const remember = (who: Asker, given: Parameters<typeof aContentWrite>[0] = {}) =>
  stores.writes.remember({
    id: randomUUID(),
    asker: who,
    request: aContentWrite(given),
    writesPerMonth: null,
    requestId: 'req-7',
  });

describe('remembering one fact', () => {
  it('stores it at once, and it can be read at once', async () => {
    const who = asker();
    const remembered = await remember(who, {
      content: 'Ana  likes tea.',
      tenantId: 'blue',
      importance: 9,
    });
    expect(remembered.status).toBe('saved');
    const [seen] = await stores.heldBy(who.accountId);
    expect(seen?.memory).toMatchObject({
      id: remembered.memoryId,
      text: 'Ana  likes tea.',
      tenantId: 'blue',
      importance: 9,
      extraction: null,
      turns: [],
    });
    expect(seen?.version).toMatchObject({
      validFrom: seen?.memory.createdAt,
      believedFrom: seen?.memory.createdAt,
      validTo: null,
    });
    expect(await stores.jobs.find(who.accountId, remembered.writeId)).toMatchObject({
      kind: 'write',
      state: 'succeeded',
      requestId: 'req-7',
      result: { mode: 'content', status: 'saved', memoryIds: [remembered.memoryId] },
    });
  });

  it('uses the dates that the caller gives', async () => {
    const who = asker();
    const recordedAt = new Date('2021-03-03T00:00:00Z');
    await remember(who, { content: 'recorded', recordedAt });
    await remember(who, {
      content: 'valid',
      recordedAt,
      validFrom: new Date('2020-03-03T00:00:00Z'),
    });
    const dates = (await stores.heldBy(who.accountId)).map(({ memory, version }) => [
      memory.text,
      version.validFrom,
      memory.capturedAt,
    ]);
    expect(dates).toEqual(
      expect.arrayContaining([
        ['recorded', recordedAt, recordedAt],
        ['valid', new Date('2020-03-03T00:00:00Z'), recordedAt],
      ]),
    );
  });

  it('answers a duplicate with the stored memory', async () => {
    const who = asker();
    const first = await remember(who);
    const second = await remember(who, { content: ' ANA lives\nin Lisbon. ' });
    expect(second).toEqual({
      writeId: second.writeId,
      status: 'duplicate',
      memoryId: first.memoryId,
    });
    expect(await stores.jobs.find(who.accountId, second.writeId)).toMatchObject({
      result: { status: 'duplicate', memoryIds: [first.memoryId] },
    });
    expect(await stores.heldBy(who.accountId)).toHaveLength(1);
  });

  it('compares duplicates within account, tenant and source', async () => {
    const who = asker();
    const kept = [
      await remember(who),
      await remember(who, { tenantId: 'blue' }),
      await remember(who, { source: 'crm' }),
      await remember(asker()),
    ];
    expect(kept.map(({ status }) => status)).toEqual(['saved', 'saved', 'saved', 'saved']);
  });

  it('stores one memory when the same fact arrives many times at once', async () => {
    const who = asker();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => remember(who)));
    expect(outcomes.filter(({ status }) => status === 'saved')).toHaveLength(1);
    expect(new Set(outcomes.map(({ memoryId }) => memoryId)).size).toBe(1);
    expect(await stores.heldBy(who.accountId)).toHaveLength(1);
  });
});
