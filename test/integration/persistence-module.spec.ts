import { AccountStore } from '@app/accounts';
import { JobLifecycle, JobReader, KnownSupersessions, MemoryIndex, MemoryStore } from '@app/memory';
import { Database, PersistenceModule } from '@app/persistence';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type FreshDatabase, freshDatabase } from '../support/databases.js';

let fresh: FreshDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
});

afterAll(() => fresh.drop());

const start = async (url: string) =>
  (
    await Test.createTestingModule({
      imports: [PersistenceModule.forRoot({ url, poolSize: 2 })],
    }).compile()
  ).init();

describe('PersistenceModule', () => {
  it('provides every port, and closes its pool at shutdown', async () => {
    const app = await start(fresh.url);
    for (const port of [
      AccountStore,
      JobLifecycle,
      JobReader,
      KnownSupersessions,
      MemoryIndex,
      MemoryStore,
    ]) {
      expect(app.get(port)).toBeInstanceOf(port);
    }
    const database = app.get(Database);
    expect(await database.isReachable(2_000)).toBe(true);
    await app.close();
    expect(await database.isReachable(2_000)).toBe(false);
    await expect(database.query('select 1')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('says in one line why it cannot start, without the password', async () => {
    const failure: unknown = await start('postgres://someone:hidden@127.0.0.1:1/x').catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toBe(
      'Error: Postgres (DATABASE_URL) cannot be used: connect ECONNREFUSED 127.0.0.1:1',
    );
  });
});

describe('a Postgres whose connections are all busy', () => {
  it('is reported as unreachable within the timeout', async () => {
    const app = await start(fresh.url);
    const database = app.get(Database);
    const busy = Array.from({ length: 2 }, () => database.query('select pg_sleep(1)'));
    expect(await database.isReachable(50)).toBe(false);
    await Promise.all(busy);
    expect(await database.isReachable(2_000)).toBe(true);
    await app.close();
  });
});
