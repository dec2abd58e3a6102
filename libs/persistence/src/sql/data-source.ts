import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';

import { AccountRow, ApiKeyRow } from '../entities/account.entity.js';
import { AuditEventRow } from '../entities/audit-event.entity.js';
import { ClassificationRow } from '../entities/classification.entity.js';
import { ErasureRow } from '../entities/erasure.entity.js';
import { IdempotencyRecordRow } from '../entities/idempotency-record.entity.js';
import { QuotaExhaustionRow, QuotaSlotRow, UsageSlotRow } from '../entities/limits.entity.js';
import { MemoryRow } from '../entities/memory.entity.js';
import { MemoryTurnRow, TurnRow } from '../entities/turn.entity.js';
import { MemoryVersionRow } from '../entities/memory-version.entity.js';
import { QueryRow } from '../entities/query.entity.js';
import { WriteRow } from '../entities/write.entity.js';
import { CreateMemories1795000000000 } from '../migrations/1795000000000-create-memories.js';
import { IndexJobs1795100000000 } from '../migrations/1795100000000-index-jobs.js';
import { LimitAccounts1795200000000 } from '../migrations/1795200000000-limit-accounts.js';
import { SupersedeAndAudit1795300000000 } from '../migrations/1795300000000-supersede-and-audit.js';
import { ReplayAndErase1795400000000 } from '../migrations/1795400000000-replay-and-erase.js';
import { MarkSearchForms1795600000000 } from '../migrations/1795600000000-mark-search-forms.js';
import { SnakeNaming } from './snake-naming.js';

export interface PersistenceOptions {
  readonly url: string;
  /** Connections of this process, at most. */
  readonly poolSize: number;
}

/**
 * Between the pool, which stops listening to a client that it hands out, and TypeORM, which begins a moment later, nobody
 * hears that Postgres ends the connection, and an error that nobody hears ends the process. The client's next statement
 * fails all the same.
 */
function heedCuts(client: ClientBase): void {
  client.on('error', () => undefined);
}

/** Lists, not globs: each app is one bundle, and a bundle has no files to look for. */
export function makeDataSource({ url, poolSize }: PersistenceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    applicationName: 'aurra',
    connectTimeoutMS: 5_000,
    extra: { onConnect: heedCuts },
    installExtensions: false,
    // Statements hold people's words: none is ever logged.
    logging: false,
    synchronize: false,
    namingStrategy: new SnakeNaming(),
    entities: [
      AccountRow,
      ApiKeyRow,
      AuditEventRow,
      ClassificationRow,
      ErasureRow,
      IdempotencyRecordRow,
      MemoryRow,
      MemoryTurnRow,
      MemoryVersionRow,
      QueryRow,
      QuotaExhaustionRow,
      QuotaSlotRow,
      TurnRow,
      UsageSlotRow,
      WriteRow,
    ],
    migrations: [
      CreateMemories1795000000000,
      IndexJobs1795100000000,
      LimitAccounts1795200000000,
      SupersedeAndAudit1795300000000,
      ReplayAndErase1795400000000,
      MarkSearchForms1795600000000,
    ],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
  });
}

/** @throws an Error of one line: pg gives an AggregateError without a message where a host has several addresses. */
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
