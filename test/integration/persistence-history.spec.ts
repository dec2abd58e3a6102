import { type Database, PostgresHistoryStore, TypeOrmMemoryStore } from '@app/persistence';
import { type History, itKeepsHistory } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
      memories: new TypeOrmMemoryStore(database),
      erase: (memoryId) => tellOfErasure(database, memoryId),
    };
  });
});

describe('the audit', () => {
  it.each([
    'update audit_events set event = event',
    'delete from audit_events',
    'truncate audit_events',
  ])('only grows: %s is refused', async (statement) => {
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
