import { FinishedJobs, LiveJobs, type QueueSettings } from '@app/jobs';
import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';

import { ErasuresService } from './erasures.service.js';
import { LostJobsService } from './lost-jobs.service.js';
import { RetentionService } from './retention.service.js';
import { SealedTargetsService } from './sealed-targets.service.js';
import { SearchDocumentsService } from './search-documents.service.js';
import { UPKEEP_INTERVAL_MS, UpkeepService } from './upkeep.service.js';

export interface UpkeepOptions {
  readonly intervalMs: number;
  readonly queue: Omit<QueueSettings, 'role'>;
}

/** Upkeep: the work of extraction workers beside their jobs. All its dependencies come from global modules. */
@Module({})
export class UpkeepModule implements OnApplicationShutdown {
  constructor(private readonly live: LiveJobs) {}

  static forRoot({ intervalMs, queue }: UpkeepOptions): DynamicModule {
    return {
      module: UpkeepModule,
      providers: [
        { provide: UPKEEP_INTERVAL_MS, useValue: intervalMs },
        { provide: LiveJobs, useFactory: () => new LiveJobs(queue) },
        { provide: FinishedJobs, useFactory: () => new FinishedJobs(queue) },
        ErasuresService,
        LostJobsService,
        RetentionService,
        SealedTargetsService,
        SearchDocumentsService,
        UpkeepService,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.live.close();
  }
}
