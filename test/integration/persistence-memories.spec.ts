import { itKeepsMemories, itShortensTurns } from '@app/memory/testing';
import { PostgresMemoryStore } from '@app/persistence';
import { afterAll, beforeAll, describe } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { storeHistories } from '../support/histories.js';

let connected: ConnectedDatabase;

beforeAll(async () => {
  connected = await connectedDatabase();
});

afterAll(() => connected.close());

describe('PostgresMemoryStore', () => {
  itKeepsMemories(async (histories) => {
    await storeHistories(connected.database, histories);
    return new PostgresMemoryStore(connected.database);
  });
  itShortensTurns(async (histories) => {
    await storeHistories(connected.database, histories);
    return new PostgresMemoryStore(connected.database);
  });
});
