import { CONTRACTS, JobProducer, JobsModule } from '@app/jobs';
import { ObservabilityModule } from '@app/observability';
import { type DynamicModule, Module } from '@nestjs/common';

import type { OpsSettings } from './ops.config.js';

export const QUEUE_NAMES = CONTRACTS.map(({ queue }) => queue);

@Module({})
export class OpsModule {
  static forRoot(settings: OpsSettings): DynamicModule {
    return {
      module: OpsModule,
      imports: [
        JobsModule.forOps({ url: settings.QUEUE_URL, prefix: settings.QUEUE_PREFIX }),
        ObservabilityModule.forRoot({
          metricsPort: settings.METRICS_PORT,
          listenHost: settings.LISTEN_HOST,
          inject: [JobProducer],
          checks: (jobs: JobProducer) => ({ queue: (timeoutMs) => jobs.isReachable(timeoutMs) }),
        }),
      ],
    };
  }
}
