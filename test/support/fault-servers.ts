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
import { freePorts } from './ports.js';

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
  const [port] = await freePorts(1);
  const directory = mkdtempSync(join(tmpdir(), 'aurra-fault-redis-'));
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const policy = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', maxmemoryPolicy];
  const server = program(() => spawn(command, [...settings, ...policy], { stdio: 'ignore' }));
  const start = async (): Promise<void> => {
    server.start();
    await until(() => answersPing(port ?? 0));
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

/**
 * A Postgres with a migrated database. It runs without fsync, because no test stops the machine.
 * @param diskMegabytes size of a tmpfs for its data. This needs Linux, and root or a sudo without a password.
 */
export async function ownPostgres(diskMegabytes?: number): Promise<FaultPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'aurra-fault-postgres-'));
  const identity = postgresUser(join(directory, 'data'));
  if (diskMegabytes !== undefined)
    asRoot('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', directory]);
  spawnSync('chmod', ['755', directory]);
  const data = join(directory, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (identity) chownSync(data, identity.uid, identity.gid);
  const binaries = binariesIn(installedBinaries(), identity);
  const environment = { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_MESSAGES: 'C' };
  const options = { ...identity, env: environment, stdio: 'ignore' as const };
  const cluster = ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8'];
  run(
    binaries.initdb,
    [...cluster, '--locale=C.UTF-8', '--no-sync', '--wal-segsize=1', '--no-instructions'],
    options,
  );
  const [port] = await freePorts(1);
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'fsync=off',
    'min_wal_size=2MB',
    'max_wal_size=8MB',
  ];
  const server = program(() =>
    spawn(
      binaries.postgres,
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      options,
    ),
  );
  const address = `postgres://postgres@127.0.0.1:${port}`;
  const start = async (): Promise<void> => {
    if (!server.isRunning()) {
      rmSync(join(data, 'postmaster.pid'), { force: true });
      server.start();
    }
    await until(() =>
      ask(`${address}/postgres`, 'select 1').then(
        () => true,
        () => false,
      ),
    );
  };
  await start();
  await ask(`${address}/postgres`, `create database ${DATABASE}`);
  const url = `${address}/${DATABASE}`;
  await applyMigrations(url);
  const ballast = join(directory, 'ballast');
  return {
    url,
    start,
    stop: (signal = 'SIGINT') => server.stop(signal),
    cutConnections: () =>
      ask(
        `${address}/postgres`,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${DATABASE}'`,
      ),
    fillDisk: () => {
      // `dd` ends with an error when the disk is full. The error is expected.
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
