import { AccountStore, QuotaStore, UsageStore } from '@app/accounts';
import {
  EndedStore,
  ErasureStore,
  HistoryStore,
  JobStore,
  KnownSupersessions,
  MemoryIndex,
  MemoryStore,
  QueryStore,
  ReplayStore,
  SearchDocumentStore,
  SupersessionStore,
  UnfinishedStore,
  WriteStore,
} from '@app/memory';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';

import type { PersistenceOptions } from './data-source.js';
import { Database } from './database.js';
import { PostgresEndedStore } from './postgres-ended-store.js';
import { PostgresErasureStore } from './postgres-erasure-store.js';
import { PostgresHistoryStore } from './postgres-history-store.js';
import { PostgresKnownSupersessions } from './postgres-known-supersessions.js';
import { PostgresMemoryIndex } from './postgres-memory-index.js';
import { PostgresQuotaStore } from './postgres-quota-store.js';
import { PostgresReplayStore } from './postgres-replay-store.js';
import { PostgresSearchDocumentStore } from './postgres-search-document-store.js';
import { PostgresSupersessionStore } from './postgres-supersession-store.js';
import { PostgresUnfinishedStore } from './postgres-unfinished-store.js';
import { PostgresUsageStore } from './postgres-usage-store.js';
import { SpendingRecorder } from './spending-recorder.js';
import { TypeOrmAccountStore } from './typeorm-account-store.js';
import { TypeOrmJobStore } from './typeorm-job-store.js';
import { TypeOrmMemoryStore } from './typeorm-memory-store.js';
import { TypeOrmQueryStore } from './typeorm-query-store.js';
import { TypeOrmWriteStore } from './typeorm-write-store.js';

/** Each port, and the class that fills it. */
const STORES: readonly Provider[] = [
  [AccountStore, TypeOrmAccountStore] as const,
  [EndedStore, PostgresEndedStore] as const,
  [ErasureStore, PostgresErasureStore] as const,
  [HistoryStore, PostgresHistoryStore] as const,
  [JobStore, TypeOrmJobStore] as const,
  [KnownSupersessions, PostgresKnownSupersessions] as const,
  [MemoryIndex, PostgresMemoryIndex] as const,
  [MemoryStore, TypeOrmMemoryStore] as const,
  [QueryStore, TypeOrmQueryStore] as const,
  [QuotaStore, PostgresQuotaStore] as const,
  [ReplayStore, PostgresReplayStore] as const,
  [SearchDocumentStore, PostgresSearchDocumentStore] as const,
  [SupersessionStore, PostgresSupersessionStore] as const,
  [UnfinishedStore, PostgresUnfinishedStore] as const,
  [UsageStore, PostgresUsageStore] as const,
  [WriteStore, TypeOrmWriteStore] as const,
].map(([port, Store]) => ({
  provide: port,
  inject: [Database],
  useFactory: (database: Database) => new Store(database),
}));

const recorder: Provider = {
  provide: SpendingRecorder,
  inject: [UsageStore],
  useFactory: (usage: UsageStore) => new SpendingRecorder(usage),
};

/** Global, so the last to be shut down: whatever ends before it may still store. */
@Module({})
export class PersistenceModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  static forRoot(options: PersistenceOptions): DynamicModule {
    const database: Provider = {
      provide: Database,
      useFactory: () => Database.connect(options),
    };
    return {
      module: PersistenceModule,
      global: true,
      providers: [database, ...STORES, recorder],
      exports: [
        AccountStore,
        Database,
        EndedStore,
        ErasureStore,
        HistoryStore,
        JobStore,
        KnownSupersessions,
        MemoryIndex,
        MemoryStore,
        QueryStore,
        QuotaStore,
        ReplayStore,
        SearchDocumentStore,
        SpendingRecorder,
        SupersessionStore,
        UnfinishedStore,
        UsageStore,
        WriteStore,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
