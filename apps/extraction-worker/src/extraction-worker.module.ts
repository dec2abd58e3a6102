import { KeyOpener } from '@app/caller-keys/opener';
import {
  AttemptRunner,
  FairOrder,
  JobProducer,
  JobsModule,
  QueueServer,
  RefusedKeys,
  ReplyOutbox,
} from '@app/jobs';
import { LlmProvidersModule } from '@app/llm-providers';
import { jobObserver, ObservabilityModule } from '@app/observability';
import { Database, PersistenceModule } from '@app/persistence';
import { type DynamicModule, Module } from '@nestjs/common';

import type { ExtractionWorkerSettings } from './extraction-worker.config.js';
import { ExtractMemoriesProcessor } from './extraction/extract-memories.processor.js';
import { MemoryExtractionService } from './extraction/memory-extraction.service.js';
import { AutoSupersessionService } from './supersession/auto-supersession.service.js';
import { UpkeepModule } from './upkeep/upkeep.module.js';

/** The wiring of the extraction worker. */
@Module({})
export class ExtractionWorkerModule {
  static forRoot(settings: ExtractionWorkerSettings): DynamicModule {
    return {
      module: ExtractionWorkerModule,
      imports: [
        PersistenceModule.forRoot({
          url: settings.DATABASE_URL,
          poolSize: settings.DATABASE_POOL_SIZE,
        }),
        JobsModule.forWorker({ url: settings.QUEUE_URL, prefix: settings.QUEUE_PREFIX }),
        LlmProvidersModule.forRoot({
          egress: { mode: settings.LLM_EGRESS, allowedHosts: settings.LLM_ALLOWED_HOSTS },
          timeoutMs: settings.LLM_TIMEOUT_MS,
          bundled: {
            key: settings.BUNDLED_ANTHROPIC_API_KEY,
            baseUrl: settings.BUNDLED_ANTHROPIC_BASE_URL,
            model: settings.BUNDLED_EXTRACTION_MODEL,
          },
        }),
        ObservabilityModule.forRoot({
          metricsPort: settings.METRICS_PORT,
          listenHost: settings.LISTEN_HOST,
          inject: [Database, JobProducer, QueueServer],
          checks: (database: Database, queue: JobProducer, server: QueueServer) => ({
            postgres: (timeoutMs) => database.isReachable(timeoutMs),
            queue: async (timeoutMs) =>
              (await queue.isReachable(timeoutMs)) && server.isWritable(timeoutMs),
          }),
          settings: (_database: Database, _queue: JobProducer, server: QueueServer) => ({
            queue: () => server.settings(),
          }),
        }),
        UpkeepModule.forRoot({
          intervalMs: settings.RECONCILE_INTERVAL_MS,
          queue: { url: settings.QUEUE_URL, prefix: settings.QUEUE_PREFIX },
        }),
      ],
      providers: [
        { provide: KeyOpener, useValue: new KeyOpener(settings.CALLER_KEY_PRIVATE_KEYS) },
        {
          provide: AttemptRunner,
          inject: [ReplyOutbox, RefusedKeys, FairOrder],
          useFactory: (outbox: ReplyOutbox, refusedKeys: RefusedKeys, order: FairOrder) =>
            new AttemptRunner(outbox, jobObserver, refusedKeys, order, {
              deadlineMs: settings.JOB_DEADLINE_MS,
              concurrency: settings.WORKER_CONCURRENCY,
              graceMs: settings.SHUTDOWN_GRACE_MS,
            }),
        },
        AutoSupersessionService,
        MemoryExtractionService,
        ExtractMemoriesProcessor,
      ],
    };
  }
}
