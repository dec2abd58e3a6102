import { AccountStore, QuotaStore, UsageStore } from '@app/accounts';
import {
  ErasureStore,
  HistoryStore,
  JobLifecycle,
  JobReader,
  KnownSupersessions,
  MemoryIndex,
  MemoryStore,
  ReplayStore,
  SearchDocumentStore,
  SupersessionStore,
} from '@app/memory';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';

import type { PersistenceOptions } from './sql/data-source.js';
import { Database } from './sql/database.js';
import { PostgresErasureStore } from './erasure/postgres-erasure-store.js';
import { PostgresHistoryStore } from './history/postgres-history-store.js';
import { PostgresJobLifecycle } from './jobs/postgres-job-lifecycle.js';
import { PostgresJobReader } from './jobs/postgres-job-reader.js';
import { PostgresKnownSupersessions } from './history/postgres-known-supersessions.js';
import { PostgresMemoryIndex } from './memories/postgres-memory-index.js';
import { PostgresQuotaStore } from './jobs/postgres-quota-store.js';
import { PostgresReplayStore } from './jobs/postgres-replay-store.js';
import { PostgresSearchDocumentStore } from './search/postgres-search-document-store.js';
import { PostgresSupersessionStore } from './history/postgres-supersession-store.js';
import { PostgresUsageStore } from './jobs/postgres-usage-store.js';
import { SpendingRecorder } from './jobs/spending-recorder.js';
import { PostgresAccountStore } from './accounts/postgres-account-store.js';
import { PostgresMemoryStore } from './memories/postgres-memory-store.js';

/** Each port, and the class that fills it. */
const STORES: readonly Provider[] = [
  [AccountStore, PostgresAccountStore] as const,
  [ErasureStore, PostgresErasureStore] as const,
  [HistoryStore, PostgresHistoryStore] as const,
  [JobLifecycle, PostgresJobLifecycle] as const,
  [JobReader, PostgresJobReader] as const,
  [KnownSupersessions, PostgresKnownSupersessions] as const,
  [MemoryIndex, PostgresMemoryIndex] as const,
  [MemoryStore, PostgresMemoryStore] as const,
  [QuotaStore, PostgresQuotaStore] as const,
  [ReplayStore, PostgresReplayStore] as const,
  [SearchDocumentStore, PostgresSearchDocumentStore] as const,
  [SupersessionStore, PostgresSupersessionStore] as const,
  [UsageStore, PostgresUsageStore] as const,
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
        ErasureStore,
        HistoryStore,
        JobLifecycle,
        JobReader,
        KnownSupersessions,
        MemoryIndex,
        MemoryStore,
        QuotaStore,
        ReplayStore,
        SearchDocumentStore,
        SpendingRecorder,
        SupersessionStore,
        UsageStore,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
