import { prepareDatabases } from './databases.js';
import { embedPostgres } from './embedded-postgres.js';
import type { HomeDirectory } from './home-directory.js';
import type { Addresses } from './invented-settings.js';
import { portAnswers } from './ports.js';
import type { Program } from './program.js';
import { findQueueServer, queueServer } from './queue-server.js';
import type { LauncherSettings } from './settings.js';
import type { Surroundings } from './spawn-program.js';

const DATABASE = 'aurra';
const QUEUE_DATABASE = 'aurra_queue';
/** The one that every server has. */
const MAINTENANCE_DATABASE = 'postgres';

/** Where a launch happens, and what it may ask of it. */
export interface Site {
  readonly home: HomeDirectory;
  readonly settings: LauncherSettings;
  readonly addresses: Addresses;
  readonly surroundings: Surroundings;
  readonly stopping: AbortSignal;
  start(program: Program): Promise<void>;
  cleanUp(action: () => void): void;
}

/** Something that keeps data for the apps. */
export interface Store {
  readonly url: string;
  /** In words, for people. */
  readonly description: string;
}

export interface Database extends Store {
  /** Where a queue on Postgres may live. */
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

/** `QUEUE_URL`, or a server of our own without persistence, or, on a bare machine, Postgres. */
export async function provideQueue(site: Site, database: Database): Promise<Store> {
  const { settings, addresses, surroundings, stopping } = site;
  if (settings.QUEUE_URL !== undefined) {
    return { url: settings.QUEUE_URL, description: 'the one that QUEUE_URL names' };
  }
  const command = findQueueServer();
  if (command === undefined) {
    surroundings.log.warn(
      'No redis-server or valkey-server on the PATH: the queue is kept in Postgres, which is slower.',
    );
    return { url: database.queueUrl, description: 'in Postgres' };
  }
  const server = queueServer(command, addresses.queue.port);
  site.cleanUp(() => server.cleanUp());
  await site.start(server.program);
  await portAnswers(addresses.queue.port, stopping);
  return { url: server.url, description: `${command}, in memory` };
}
