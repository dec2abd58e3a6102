import { applyMigrations, makeDataSource, StatementFailed } from '@app/persistence';
import { aHistory } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { blankDatabase } from '../support/databases.js';
import { storeHistories } from '../support/histories.js';

let connected: ConnectedDatabase;

beforeAll(async () => {
  connected = await connectedDatabase();
});

afterAll(() => connected.close());

const stored = (history: ReturnType<typeof aHistory>): Promise<void> =>
  storeHistories(connected.database, [history]);
const refusal = (constraint: string) =>
  expect.objectContaining({ name: 'StatementFailed', constraint });

describe('the migrated schema', () => {
  it('matches the entities', async () => {
    const { upQueries } = await connected.database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('is created once when several migrators start together', async () => {
    const blank = await blankDatabase();
    const applied = await Promise.all([
      applyMigrations(blank.url),
      applyMigrations(blank.url),
      applyMigrations(blank.url),
    ]);
    expect(applied.flat()).toEqual([
      'CreateMemories1795000000000',
      'IndexJobs1795100000000',
      'LimitAccounts1795200000000',
      'SupersedeAndAudit1795300000000',
      'ReplayAndErase1795400000000',
      'MarkSearchForms1795600000000',
      'KeepSearchDocumentsInline1795800000000',
    ]);
    expect(await applyMigrations(blank.url)).toEqual([]);
    await blank.drop();
  });

  it('can be reverted and created again', async () => {
    const blank = await blankDatabase();
    const applied = await applyMigrations(blank.url);
    const dataSource = await makeDataSource({ url: blank.url, poolSize: 1 }).initialize();
    for (const _ of applied) await dataSource.undoLastMigration();
    await dataSource.destroy();
    expect(await applyMigrations(blank.url)).toEqual(applied);
    await blank.drop();
  });
});

describe('the schema rejects', () => {
  it('two open versions of one memory', async () => {
    const later = { believedFrom: new Date('2021-02-01T00:00:00Z') };
    await expect(stored(aHistory({}, {}, later))).rejects.toEqual(
      refusal('memory_versions_one_open'),
    );
  });

  it('a version that ends before it begins', async () => {
    const ended = { believedTo: new Date('2020-01-01T00:00:00Z') };
    await expect(stored(aHistory({}, ended))).rejects.toEqual(refusal('memory_versions_believed'));
  });

  it('one fact twice while it is current, but not after it has ended', async () => {
    const one = aHistory({ text: 'Ana has a cat.' });
    const twin = {
      ...one.memory,
      id: '00000000-0000-4000-8000-000000000001',
      text: 'ana has  a CAT.',
    };
    await stored(one);
    await expect(stored(aHistory(twin))).rejects.toEqual(refusal('memories_one_current_per_fold'));
    await stored(aHistory(twin, { validTo: new Date('2021-02-01T00:00:00Z') }));
  });

  it('a row without repeating its values in the error', async () => {
    const failure: unknown = await connected.database
      .query('select $1::uuid', ['a secret'])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StatementFailed);
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('secret');
  });
});
