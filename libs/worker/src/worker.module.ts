import { KeyOpener } from '@app/caller-keys/opener';
import type { WorkerSettings } from '@app/config';
import {
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

import { AttemptRunner } from './attempts/attempt-runner.js';

/** Everything that all workers share: stores, queues, model accounts, health checks, and the runner of attempts. */
@Module({})
export class WorkerModule {
  /** @param bundledModel the model that this worker uses with the bundled account. */
  static forRoot(settings: WorkerSettings, bundledModel: string): DynamicModule {
    return {
      module: WorkerModule,
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
            model: bundledModel,
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
              timeoutMs: settings.ATTEMPT_TIMEOUT_MS,
              concurrency: settings.WORKER_CONCURRENCY,
              graceMs: settings.SHUTDOWN_GRACE_MS,
            }),
        },
      ],
      exports: [KeyOpener, AttemptRunner],
    };
  }
}
