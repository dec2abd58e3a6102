import { Plans } from '@app/accounts';
import { KeySealer } from '@app/caller-keys';
import { EgressPolicy } from '@app/egress/policy';
import { JobProducer, JobsModule, RefusedKeys } from '@app/jobs';
import { ObservabilityModule } from '@app/observability';
import { Database, PersistenceModule } from '@app/persistence';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { AccountsController } from './admin/accounts.controller.js';
import { AccountsService } from './admin/accounts.service.js';
import { AdminToken } from './admin/admin.guard.js';
import { Deadlines } from './deadlines.js';
import type { GatewaySettings } from './gateway.config.js';
import { HealthController } from './health/health.controller.js';
import { HistoryController } from './history/history.controller.js';
import { HistoryService } from './history/history.service.js';
import { CallerGuard } from './http/caller.guard.js';
import { FirstAnswers } from './http/first-answers.js';
import { IdempotencyService } from './http/idempotency.service.js';
import { EndedJobs } from './jobs/ended-jobs.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsService } from './jobs/jobs.service.js';
import { LlmController } from './llm/llm.controller.js';
import { TargetGate } from './llm/target-gate.js';
import { VerifyService } from './llm/verify.service.js';
import { BatchController } from './memories/batch.controller.js';
import { BatchService } from './memories/batch.service.js';
import { MemoriesController } from './memories/memories.controller.js';
import { MemoriesService } from './memories/memories.service.js';
import { RememberService } from './memories/remember.service.js';
import { WriteIntake } from './memories/write-intake.js';
import { WriteReplays } from './memories/write-replays.js';
import { WriteResults } from './memories/write-results.js';
import { Admission } from './plan/admission.js';
import { PlanController } from './plan/plan.controller.js';
import { AnswerResults } from './queries/answer-results.js';
import { QueriesController } from './queries/queries.controller.js';
import { QueryQuota } from './queries/query-quota.js';
import { QueryService } from './queries/query.service.js';
import { SearchService } from './queries/search.service.js';
import { WaitedAnswers } from './queries/waited-answers.js';
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
        JobsModule.forGateway({ url: settings.QUEUE_URL, prefix: settings.QUEUE_PREFIX }),
        ObservabilityModule.forRoot({
          metricsPort: settings.METRICS_PORT,
          inject: [Database, JobProducer],
          checks: (database: Database, jobs: JobProducer) => ({
            postgres: (timeoutMs) => database.isReachable(timeoutMs),
            queue: (timeoutMs) => jobs.isReachable(timeoutMs),
          }),
        }),
      ],
      controllers: [
        MemoriesController,
        BatchController,
        QueriesController,
        JobsController,
        AccountsController,
        HealthController,
        HistoryController,
        LlmController,
        PlanController,
        SettingsController,
      ],
      providers: [
        ...madeFrom(settings),
        { provide: APP_GUARD, useClass: CallerGuard },
        { provide: FirstAnswers, useClass: WriteReplays },
        AccountsService,
        Admission,
        AnswerResults,
        BatchService,
        EndedJobs,
        HistoryService,
        IdempotencyService,
        JobsService,
        MemoriesService,
        QueryQuota,
        QueryService,
        RememberService,
        SearchService,
        SettingsService,
        VerifyService,
        WaitedAnswers,
        WriteIntake,
        WriteResults,
      ],
    };
  }
}

/** What settings decide. Plain classes: nothing but this function knows the environment. */
function madeFrom(settings: GatewaySettings): Provider[] {
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
    { provide: AdminToken, useValue: new AdminToken(settings.AURRA_ADMIN_TOKEN) },
  ];
}
