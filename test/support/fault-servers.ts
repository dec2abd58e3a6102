import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { applyMigrations } from '@app/persistence';

import { Client } from 'pg';

import {
  binariesIn,
  installedBinaries,
  postgresUser,
} from '../../scripts/launcher/postgres-binaries.js';
import { findQueueServer } from '../../scripts/launcher/provide-queue.js';
import { freePort } from './ports.js';

/** A server that a test can stop, and start again at the same address. */
export interface FaultServer {
  readonly url: string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops the server and deletes its data. */
  close(): Promise<void>;
}

const UP_WITHIN_MS = 20_000;
const DATABASE = 'aurra';

/**
 * A Redis without persistence, as docs/operations.md asks for, so that it is empty after each start.
 * @param maxmemoryPolicy in place of the one that Aurra needs.
 */
export async function ownRedis(maxmemoryPolicy = 'noeviction'): Promise<FaultServer> {
  const command = findQueueServer();
  if (command === undefined) throw new Error('redis-server or valkey-server must be on the PATH.');
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'aurra-fault-redis-'));
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  // A dump is searched for keys: compressed, it would hide them.
  const dumps = ['--save', '', '--appendonly', 'no', '--rdbcompression', 'no'];
  const policy = ['--maxmemory-policy', maxmemoryPolicy];
  const server = program(() =>
    spawn(command, [...settings, ...dumps, ...policy], { stdio: 'ignore' }),
  );
  const start = async (): Promise<void> => {
    server.start();
    await until(() => answersPing(port));
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop: server.stop,
    close: async () => {
      await server.stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface FaultPostgres extends FaultServer {
  /** Ends every connection of the product. */
  cutConnections(): Promise<void>;
  /** Fills the disk to the last byte, until `emptyDisk`. Both need `diskMegabytes`. */
  fillDisk(): void;
  emptyDisk(): void;
}

export interface PostgresOptions {
  /** Size of a tmpfs for its data. This needs Linux, and root or a sudo without a password. */
  readonly diskMegabytes?: number | undefined;
  /** As in `postgres -c`, in place of the ones here: `fsync=on`. */
  readonly settings?: readonly string[];
}

/** A Postgres with a migrated database. It runs without fsync, because no test stops the machine. */
export async function ownPostgres({
  diskMegabytes,
  settings = [],
}: PostgresOptions = {}): Promise<FaultPostgres> {
  const template = await (migratedCluster ??= makeMigratedCluster());
  const directory = mkdtempSync(join(tmpdir(), 'aurra-fault-postgres-'));
  if (diskMegabytes !== undefined)
    asRoot('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', directory]);
  run('chmod', ['755', directory]);
  run('cp', ['-a', template, join(directory, 'data')]);
  const { server, port, start } = await clusterIn(join(directory, 'data'), settings);
  await start();
  const ballast = join(directory, 'ballast');
  return {
    url: urlOf(port, DATABASE),
    start,
    stop: (signal = 'SIGINT') => server.stop(signal),
    cutConnections: () =>
      ask(
        urlOf(port, 'postgres'),
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${DATABASE}'`,
      ),
    fillDisk: () => {
      // It ends with an error when the disk is full.
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' });
    },
    emptyDisk: () => rmSync(ballast, { force: true }),
    close: async () => {
      await server.stop('SIGQUIT');
      if (diskMegabytes !== undefined) asRoot('umount', [directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The folder of a stopped cluster with a migrated database. It is made once in a process, and each server gets a copy. */
let migratedCluster: Promise<string> | undefined;

async function makeMigratedCluster(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'aurra-fault-template-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  run('chmod', ['755', directory]);
  const data = join(directory, 'data');
  const identity = postgresUser(data);
  mkdirSync(data, { mode: 0o700 });
  if (identity) chownSync(data, identity.uid, identity.gid);
  const cluster = ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8'];
  run(
    binariesIn(installedBinaries(), identity).initdb,
    [...cluster, '--locale=C.UTF-8', '--no-sync', '--wal-segsize=1', '--no-instructions'],
    { ...identity, env: ENVIRONMENT },
  );
  const { server, port, start } = await clusterIn(data);
  await start();
  await ask(urlOf(port, 'postgres'), `create database ${DATABASE}`);
  await applyMigrations(urlOf(port, DATABASE));
  await server.stop('SIGINT');
  return data;
}

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_MESSAGES: 'C' };

const urlOf = (port: number, database: string): string =>
  `postgres://postgres@127.0.0.1:${port}/${database}`;

/** The server of the cluster in this folder, on a port of its own. It does not run yet. */
async function clusterIn(data: string, more: readonly string[] = []) {
  const identity = postgresUser(data);
  const { postgres } = binariesIn(installedBinaries(), identity);
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'fsync=off',
    'min_wal_size=2MB',
    'max_wal_size=8MB',
    ...more,
  ];
  const options = { ...identity, env: ENVIRONMENT, stdio: 'ignore' as const };
  const server = program(() =>
    spawn(postgres, ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], options),
  );
  const start = async (): Promise<void> => {
    if (!server.isRunning()) {
      rmSync(join(data, 'postmaster.pid'), { force: true });
      server.start();
    }
    await until(() =>
      ask(urlOf(port, 'postgres'), 'select 1').then(
        () => true,
        () => false,
      ),
    );
  };
  return { server, port, start };
}

/** A command that can be started again after it has ended. */
function program(make: () => ChildProcess) {
  let child: ChildProcess | undefined;
  const isRunning = (): boolean => child?.exitCode === null && child.signalCode === null;
  return {
    isRunning,
    start: (): void => {
      child = make();
    },
    stop: async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
      if (!child || !isRunning()) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

function asRoot(command: string, args: readonly string[]): void {
  if (process.getuid?.() === 0) run(command, args);
  else run('sudo', ['-n', command, ...args]);
}

function run(
  command: string,
  args: readonly string[],
  options: Parameters<typeof spawnSync>[2] = {},
): void {
  const { status, stderr } = spawnSync(command, [...args], { ...options, stdio: 'pipe' });
  if (status !== 0) throw new Error(`${command} failed: ${String(stderr)}`);
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // The connection of a server that ends emits an error, which would end the test process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function answersPing(port: number): Promise<boolean> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(port, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + UP_WITHIN_MS; Date.now() < end; await delay(50))
    if (await isSo()) return;
  throw new Error('A server was not up in time.');
}
