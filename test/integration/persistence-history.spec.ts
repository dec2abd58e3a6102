import { randomUUID } from 'node:crypto';

import { type Database, PostgresHistoryStore, PostgresMemoryStore } from '@app/persistence';
import { aHistory, type History, itKeepsHistory } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { storeHistories, tellOfBirth, tellOfErasure } from '../support/histories.js';

let connected: ConnectedDatabase;
let database: Database;

beforeAll(async () => {
  connected = await connectedDatabase();
  ({ database } = connected);
});

afterAll(() => connected.close());

describe('PostgresHistoryStore', () => {
  itKeepsHistory(async (histories: readonly History[]) => {
    await storeHistories(database, histories);
    await tellOfBirth(database, histories);
    return {
      history: new PostgresHistoryStore(database),
      memories: new PostgresMemoryStore(database),
      erase: (memoryId) => tellOfErasure(database, memoryId),
    };
  });
});

/** Resolves when so many connections of this database wait for a lock. */
const waitingForLocks = (count: number): Promise<void> =>
  vi.waitFor(async () => {
    const waiting = await database.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(waiting).toHaveLength(count);
  });

describe('two concurrent supersessions that would close a circle', () => {
  it('see each other although they share no memory', async () => {
    const accountId = randomUUID();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => aHistory({ accountId, text }));
    if (!a || !b || !c || !d) throw new Error('Four memories');
    await storeHistories(database, [a, b, c, d]);
    const history = new PostgresHistoryStore(database);
    const supersede = (old: History, successor: History) =>
      history.supersede({
        scope: { accountId, tenantId: null },
        memoryId: old.memory.id,
        supersededBy: successor.memory.id,
        validTo: null,
        apiKeyId: randomUUID(),
      });
    await supersede(b, c);
    await supersede(d, a);
    // Both are stopped after they have looked at the chains, and before they have changed anything.
    const settled = await database.inTransaction(async (statements) => {
      await statements.query(
        'select 1 from memory_versions where memory_id = any($1) and believed_to is null for update',
        [[a.memory.id, c.memory.id]],
      );
      const both = Promise.allSettled([supersede(a, b), supersede(c, d)]);
      await waitingForLocks(2);
      return () => both;
    });
    const outcomes = await settled();
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'supersession_invalid' },
    });
  });
});

describe('restoring a memory while the same fact is being stored', () => {
  it('waits for that transaction, and then reports the memory that holds the fact', async () => {
    const old = aHistory({}, { validTo: new Date('2021-06-01T00:00:00Z') });
    const { accountId, id: memoryId } = old.memory;
    await storeHistories(database, [old]);
    const twin = randomUUID();
    const order = { scope: { accountId, tenantId: null }, memoryId, apiKeyId: randomUUID() };
    const outcome = await database.inTransaction(async (statements) => {
      await statements.query(
        `insert into memories
         select (jsonb_populate_record(m, jsonb_build_object('id', $2::text, 'valid_to', null, 'current', true))).*
           from memories m where id = $1`,
        [memoryId, twin],
      );
      const restored = new PostgresHistoryStore(database).restore(order);
      const settled = Promise.allSettled([restored]);
      await waitingForLocks(1);
      return () => settled;
    });
    const [restored] = await outcome();
    expect(restored).toMatchObject({
      status: 'rejected',
      reason: { code: 'memory_not_current', message: expect.stringContaining(twin) },
    });
  });
});

describe('the audit', () => {
  it.each([
    'update audit_events set event = event',
    'delete from audit_events',
    'truncate audit_events',
  ])('is append-only: %s is rejected', async (statement) => {
    const count = 'select count(*)::int as events from audit_events';
    const before = await database.query(count);
    await expect(database.query(statement)).rejects.toMatchObject({
      name: 'StatementFailed',
      sqlState: '42501',
    });
    expect(await database.query(count)).toEqual(before);
    expect(before).not.toEqual([{ events: 0 }]);
  });
});
