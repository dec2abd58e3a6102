import { itKeepsMemories, itShortensTurns } from '@app/memory/testing';
import { TypeOrmMemoryStore } from '@app/persistence';
import { afterAll, beforeAll, describe } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { storeHistories } from '../support/histories.js';

let connected: ConnectedDatabase;

beforeAll(async () => {
  connected = await connectedDatabase();
});

afterAll(() => connected.close());

describe('TypeOrmMemoryStore', () => {
  itKeepsMemories(async (histories) => {
    await storeHistories(connected.database, histories);
    return new TypeOrmMemoryStore(connected.database);
  });
  itShortensTurns(async (histories) => {
    await storeHistories(connected.database, histories);
    return new TypeOrmMemoryStore(connected.database);
  });
});
