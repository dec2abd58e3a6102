import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from 'pg';

import type { Addresses } from './addresses.js';
import type { HomeDirectory } from './home-directory.js';
import {
  choosePlace,
  clearPostgresLock,
  initialise,
  type Place,
  POSTGRES_USER,
  postgresProgram,
  readPassword,
} from './postgres-data.js';
import type { Program, Surroundings } from './program.js';
import type { LauncherSettings } from './settings.js';

const DATABASE = 'aurra';
const QUEUE_DATABASE = 'aurra_queue';
/** Every server has this database. */
const MAINTENANCE_DATABASE = 'postgres';

/** The parts of a launch that a store needs to start. */
export interface Site {
  readonly home: HomeDirectory;
  readonly settings: LauncherSettings;
  readonly addresses: Addresses;
  readonly surroundings: Surroundings;
  readonly stopping: AbortSignal;
  start(program: Program): Promise<void>;
  cleanUp(action: () => void): void;
}

/** A server that keeps data for the apps. */
export interface Store {
  readonly url: string;
  /** Shown on the page after the start. */
  readonly description: string;
}

export interface Database extends Store {
  /** The database for a queue on Postgres. */
  readonly queueUrl: string;
}

/** `DATABASE_URL`, or an embedded server on `.aurra/postgres`. */
export async function provideDatabase(site: Site): Promise<Database> {
  const { home, settings, addresses, surroundings, stopping } = site;
  const { DATABASE_URL: given } = settings;
  if (given !== undefined) {
    return { url: given, queueUrl: given, description: 'the one that DATABASE_URL names' };
  }
  const postgres = await embedPostgres(home, addresses.postgres.port, surroundings, stopping);
  await site.start(postgres.program);
  await prepareDatabases(
    postgres.urlOf(MAINTENANCE_DATABASE),
    [DATABASE, QUEUE_DATABASE],
    stopping,
  );
  return {
    url: postgres.urlOf(DATABASE),
    queueUrl: postgres.urlOf(QUEUE_DATABASE),
    description: `embedded Postgres on port ${postgres.port}, kept in .aurra/`,
  };
}

const POLL_MS = 50;

/** Waits until the server takes connections, then creates the databases that are missing. */
export async function prepareDatabases(
  maintenanceUrl: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const client = await connected(maintenanceUrl, signal);
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    for (const name of names) {
      if (rows.some(({ datname }) => datname === name)) continue;
      await client.query(`create database ${client.escapeIdentifier(name)}`);
    }
  } finally {
    await client.end();
  }
}

async function connected(connectionString: string, signal: AbortSignal): Promise<Client> {
  for (;;) {
    const client = new Client({ connectionString });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      // 57P03 means that the server is still recovering. Any other error, such as a wrong password, is final.
      const { code } = error as { code?: string };
      if (code !== 'ECONNREFUSED' && code !== 'ECONNRESET' && code !== '57P03') throw error;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Enough for the pools of the apps, and for BullMQ's connections if the queue is on Postgres too. */
const MAX_CONNECTIONS = 200;

/** An embedded server, ready to be started. */
export interface EmbeddedPostgres {
  readonly program: Program;
  readonly port: number;
  urlOf(database: string): string;
}

/**
 * Makes the data directory if there is none, and returns the program that serves it.
 * @throws LaunchFailure
 */
export async function embedPostgres(
  home: HomeDirectory,
  port: number,
  surroundings: Surroundings,
  stopping: AbortSignal,
): Promise<EmbeddedPostgres> {
  const place = choosePlace(home, surroundings);
  if (!existsSync(place.data)) await initialise(place, surroundings, stopping);
  const password = readPassword(place);
  return {
    port,
    program: serverProgram(place, port, () => clearPostgresLock(place.data, surroundings.log)),
    urlOf: (database) => `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${database}`,
  };
}

function serverProgram(place: Place, port: number, prepare: () => Promise<void>): Program {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: MAX_CONNECTIONS,
    // The app that sent a failed statement logs it without its values; Postgres' own log would quote a person's words.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  return {
    ...postgresProgram(place),
    args: [
      '-D',
      place.data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    prepare,
  };
}
