import { Redis } from 'ioredis';
import { Client } from 'pg';

import { ownPostgres, ownRedis } from '../test/support/fault-servers.js';
import { endAtExit, hasEnded } from './clean-up.js';
import { cpuMsOf, parentOf } from './cpu.js';

/** As Postgres is delivered: every commit waits for the disk. The statements of both sides are counted by the extension. */
const SETTINGS = [
  'fsync=on',
  'min_wal_size=80MB',
  'max_wal_size=1GB',
  'shared_preload_libraries=pg_stat_statements',
];

/** What the servers have done since they started. */
export interface ServerCounts {
  readonly postgresMs: number;
  readonly redisMs: number;
  readonly statements: number;
  readonly commands: number;
}

/** A Postgres and a Redis that one side has to itself. */
export interface Servers {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  /** A statement of the benchmark itself. It is not counted if it contains OWN. */
  sql<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  counts(): Promise<ServerCounts>;
  /** Deletes the whole queue. */
  emptyQueue(): Promise<void>;
  close(): Promise<void>;
}

let versions = { postgres: '', redis: '' };

/** The versions of the servers that were started last. */
export const serverVersions = (): Readonly<typeof versions> => versions;

/** Marks a statement of the benchmark, which `counts` leaves out. */
export const OWN = '/* bench */';

export async function startServers(): Promise<Servers> {
  const [postgres, redis] = await Promise.all([ownPostgres({ settings: SETTINGS }), ownRedis()]);
  const client = new Client({ connectionString: postgres.url });
  // A server that ends first closes the connection, which is no error here.
  client.on('error', () => undefined);
  await client.connect();
  const queue = new Redis(redis.url);
  queue.on('error', () => undefined);
  const sql: Servers['sql'] = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await client.query(text, [...values])).rows as Row[];

  const [backend] = await sql<{ pid: number }>('select pg_backend_pid() as pid');
  const postgresPid = parentOf(backend?.pid ?? 0);
  const redisPid = Number(/^process_id:(\d+)/m.exec(await queue.info('server'))?.[1]);
  // SIGQUIT ends the backends of Postgres too. Its data is not needed any more.
  endAtExit(postgresPid, 'SIGQUIT');
  endAtExit(redisPid);
  await sql('create extension if not exists pg_stat_statements');
  const [version] = await sql<{ server_version: string }>('show server_version');
  versions = {
    postgres: version?.server_version.split(' ')[0] ?? '',
    redis: /^redis_version:(\S+)/m.exec(await queue.info('server'))?.[1] ?? '',
  };

  return {
    databaseUrl: postgres.url,
    queueUrl: redis.url,
    sql,
    counts: async () => {
      const [row] = await sql<{ calls: string | null }>(
        `select ${OWN} sum(calls) as calls from pg_stat_statements where query not like '%${OWN}%'`,
      );
      return {
        postgresMs: cpuMsOf(postgresPid),
        redisMs: cpuMsOf(redisPid),
        statements: Number(row?.calls ?? 0),
        commands: commandsIn(await queue.info('commandstats')),
      };
    },
    emptyQueue: async () => {
      await queue.flushdb();
    },
    close: async () => {
      queue.disconnect();
      await client.end();
      await Promise.all([redis.close(), postgres.close()]);
      hasEnded(postgresPid);
      hasEnded(redisPid);
    },
  };
}

/** Calls of all commands, those inside scripts included, without those of the benchmark. */
function commandsIn(info: string): number {
  const calls = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return calls.reduce(
    (sum, [, name, count]) => (name === 'info' || name === 'flushdb' ? sum : sum + Number(count)),
    0,
  );
}
