import { Plans } from '@app/accounts';
import { KeySealer } from '@app/caller-keys';
import { EgressPolicy } from '@app/egress/policy';
import { JobProducer, JobsModule, QueueServer, RefusedKeys, ReplyInbox } from '@app/jobs';
import { ObservabilityModule } from '@app/observability';
import { Database, PersistenceModule } from '@app/persistence';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';

import { AccountsController } from './admin/accounts.controller.js';
import { AccountsService } from './admin/accounts.service.js';
import { AdminJobsController } from './admin/admin-jobs.controller.js';
import { AdminToken } from './http/auth/admin-token.js';
import { Deadlines } from './deadlines.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { JobRenderers, JobResults } from './dispatch/job-results.js';
import { ErrorsController } from './docs/errors.controller.js';
import { RootController } from './docs/root.controller.js';
import { ErasureController } from './erasure/erasure.controller.js';
import { ErasureService } from './erasure/erasure.service.js';
import type { GatewaySettings } from './gateway.config.js';
import { HealthController } from './health/health.controller.js';
import { HistoryController } from './history/history.controller.js';
import { HistoryService } from './history/history.service.js';
import { Authentication } from './http/auth/authentication.js';
import { BodyBytes } from './http/body/receive-bodies.js';
import { IdempotencyRun } from './http/idempotency/idempotency-run.js';
import { FirstAnswers, IdempotencyService } from './http/idempotency/idempotency.service.js';
import { InputInterceptor } from './http/body/input.interceptor.js';
import { RequestInterceptor } from './http/request.interceptor.js';
import { Shutdown } from './http/shutdown.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsService } from './jobs/jobs.service.js';
import { RetryService } from './jobs/retry.service.js';
import { LlmController } from './llm/llm.controller.js';
import { TargetGate } from './llm/target-gate.js';
import { BatchController } from './memories/batch.controller.js';
import { BatchService } from './memories/batch.service.js';
import { MemoriesController } from './memories/memories.controller.js';
import { MemoriesService } from './memories/memories.service.js';
import { RememberService } from './memories/remember.service.js';
import { WriteReplays } from './memories/write-replays.js';
import { WriteResults } from './memories/write-results.js';
import { Admission } from './http/auth/admission.js';
import { PlanController } from './plan/plan.controller.js';
import { AnswerResults } from './queries/answer-results.js';
import { ProofTrees } from './queries/proof-tree.service.js';
import { QueriesController } from './queries/queries.controller.js';
import { QueryService } from './queries/query.service.js';
import { SearchService } from './queries/search.service.js';
import { SettingsController } from './settings/settings.controller.js';
import { SettingsService } from './settings/settings.service.js';

@Module({})
export class GatewayModule {
  static forRoot(settings: GatewaySettings): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        PersistenceModule.forRoot({
          url: settings.DATABASE_URL,
          poolSize: settings.DATABASE_POOL_SIZE,
        }),
        JobsModule.forGateway(
          { url: settings.QUEUE_URL, prefix: settings.QUEUE_PREFIX },
          { maxDepth: settings.QUEUE_MAX_DEPTH },
        ),
        ObservabilityModule.forRoot({
          metricsPort: settings.METRICS_PORT,
          listenHost: settings.LISTEN_HOST,
          inject: [Database, JobProducer, QueueServer],
          checks: (database: Database, jobs: JobProducer, server: QueueServer) => ({
            postgres: (timeoutMs) => database.isReachable(timeoutMs),
            queue: async (timeoutMs) =>
              (await jobs.isReachable(timeoutMs)) && server.isWritable(timeoutMs),
          }),
          settings: (_database: Database, _jobs: JobProducer, server: QueueServer) => ({
            queue: () => server.settings(),
          }),
        }),
      ],
      // The reference page lists the routes in this order.
      controllers: [
        MemoriesController,
        BatchController,
        QueriesController,
        JobsController,
        AccountsController,
        ErasureController,
        AdminJobsController,
        HealthController,
        HistoryController,
        LlmController,
        PlanController,
        SettingsController,
        ErrorsController,
        RootController,
      ],
      providers: [
        ...makeProviders(settings),
        { provide: APP_INTERCEPTOR, useClass: RequestInterceptor },
        { provide: FirstAnswers, useClass: WriteReplays },
        {
          provide: JobRenderers,
          inject: [WriteResults, AnswerResults],
          useFactory: (write: WriteResults, query: AnswerResults): JobRenderers => ({
            of: { write, query },
          }),
        },
        AccountsService,
        Admission,
        AnswerResults,
        Authentication,
        BatchService,
        Dispatcher,
        ErasureService,
        HistoryService,
        IdempotencyRun,
        IdempotencyService,
        InputInterceptor,
        JobResults,
        JobsService,
        MemoriesService,
        ProofTrees,
        QueryService,
        RememberService,
        RetryService,
        SearchService,
        SettingsService,
        WriteResults,
      ],
    };
  }
}

/** Makes the providers that depend on settings. They get values, so that no other code reads the environment. */
function makeProviders(settings: GatewaySettings): Provider[] {
  const egress = new EgressPolicy({
    mode: settings.LLM_EGRESS,
    allowedHosts: settings.LLM_ALLOWED_HOSTS,
  });
  const { SYNC_WAIT_MS, LLM_TIMEOUT_MS, CALLER_KEY_TTL_MS } = settings;
  return [
    { provide: KeySealer, useValue: new KeySealer(settings.CALLER_KEY_PUBLIC_KEYS) },
    {
      provide: TargetGate,
      inject: [RefusedKeys],
      useFactory: (refusedKeys: RefusedKeys) =>
        new TargetGate(egress, settings.BUNDLED_LLM, refusedKeys),
    },
    {
      provide: Deadlines,
      useValue: new Deadlines(SYNC_WAIT_MS, LLM_TIMEOUT_MS, CALLER_KEY_TTL_MS),
    },
    { provide: Plans, useValue: new Plans(settings.PLANS) },
    {
      provide: Shutdown,
      inject: [ReplyInbox],
      useFactory: (inbox: ReplyInbox) => new Shutdown(inbox, settings.SHUTDOWN_GRACE_MS),
    },
    { provide: BodyBytes, useValue: new BodyBytes(settings.MAX_BODY_BYTES_IN_FLIGHT) },
    { provide: AdminToken, useValue: new AdminToken(settings.AURRA_ADMIN_TOKEN) },
  ];
}
