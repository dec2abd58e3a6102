import pg, { type ClientBase } from 'pg';
import { DataSource, DefaultNamingStrategy } from 'typeorm';

import { AccountRow, ApiKeyRow } from '../entities/account.entity.js';
import { AuditEventRow } from '../entities/audit-event.entity.js';
import { ClassificationRow } from '../entities/classification.entity.js';
import { MemoryRow } from '../entities/memory.entity.js';
import { CreateMemories1795000000000 } from '../migrations/1795000000000-create-memories.js';
import { IndexJobs1795100000000 } from '../migrations/1795100000000-index-jobs.js';
import { LimitAccounts1795200000000 } from '../migrations/1795200000000-limit-accounts.js';
import { SupersedeAndAudit1795300000000 } from '../migrations/1795300000000-supersede-and-audit.js';
import { ReplayAndErase1795400000000 } from '../migrations/1795400000000-replay-and-erase.js';
import { MarkSearchForms1795600000000 } from '../migrations/1795600000000-mark-search-forms.js';
import { KeepSearchDocumentsInline1795800000000 } from '../migrations/1795800000000-keep-search-documents-inline.js';

/** `believedFrom` in a class is `believed_from` in a table. */
class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}

export interface PersistenceOptions {
  readonly url: string;
  /** Connections of this process, at most. */
  readonly poolSize: number;
}

/**
 * The pool removes its error listener from a client that it hands out, and TypeORM adds its own a moment later. An `error`
 * event between the two has no listener and would end the process. The client's next statement fails anyway.
 */
function ignoreIdleClientErrors(client: ClientBase): void {
  client.on('error', () => undefined);
}

/** The pool of pg closes an idle connection after 10 s, and the next call would pay for a login. */
const IDLE_TIMEOUT_MS = 600_000;

/** Entities and migrations are lists, not globs: an app is one bundle, without files to search. */
export function makeDataSource({ url, poolSize }: PersistenceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    // TypeORM would search for the package in a folder, which an app that is one file does not have.
    driver: pg,
    url,
    poolSize,
    applicationName: 'aurra',
    connectTimeoutMS: 5_000,
    extra: {
      onConnect: ignoreIdleClientErrors,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      // A statement is sent before the one ahead of it is answered: `begin` then costs no round trip.
      pipeline: true,
    },
    installExtensions: false,
    // The values of statements hold messages of users, so no statement is logged.
    logging: false,
    synchronize: false,
    namingStrategy: new SnakeNaming(),
    entities: [AccountRow, ApiKeyRow, AuditEventRow, ClassificationRow, MemoryRow],
    migrations: [
      CreateMemories1795000000000,
      IndexJobs1795100000000,
      LimitAccounts1795200000000,
      SupersedeAndAudit1795300000000,
      ReplayAndErase1795400000000,
      MarkSearchForms1795600000000,
      KeepSearchDocumentsInline1795800000000,
    ],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
  });
}

/** @throws an Error with a message of one line: for a host with several addresses, pg throws an AggregateError without a message. */
export async function connect(options: PersistenceOptions): Promise<DataSource> {
  try {
    return await makeDataSource(options).initialize();
  } catch (error) {
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    throw new Error(
      `Postgres (DATABASE_URL) cannot be used: ${first instanceof Error ? first.message : 'no reason was given'}`,
      { cause: error },
    );
  }
}

/** Key of the advisory lock that all migrators of a database share: "aurra" on a phone's keypad. */
const MIGRATION_LOCK = 28_772;

/**
 * Brings the schema up to date. Two migrators at once are safe: the second waits for the first and finds nothing to do.
 * @returns the names of the migrations that were applied, in order.
 */
export async function applyMigrations(url: string): Promise<readonly string[]> {
  const dataSource = await connect({ url, poolSize: 2 });
  try {
    const lock = dataSource.createQueryRunner();
    try {
      // The session holds the lock: Postgres frees it with the connection, also when this process crashes.
      await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      const applied = await dataSource.runMigrations();
      await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      return applied.map(({ name }) => name);
    } finally {
      await lock.release();
    }
  } finally {
    await dataSource.destroy();
  }
}
