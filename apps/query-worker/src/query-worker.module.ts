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

import type { QueryWorkerSettings } from './query-worker.config.js';
import { AnswerQueryProcessor } from './answering/answer-query.processor.js';
import { AnsweringService } from './answering/answering.service.js';
import { VerifyLlmProcessor } from './verification/verify-llm.processor.js';

/** The wiring of the query worker. */
@Module({})
export class QueryWorkerModule {
  static forRoot(settings: QueryWorkerSettings): DynamicModule {
    return {
      module: QueryWorkerModule,
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
            model: settings.BUNDLED_ANSWER_MODEL,
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
        AnsweringService,
        AnswerQueryProcessor,
        VerifyLlmProcessor,
      ],
    };
  }
}
