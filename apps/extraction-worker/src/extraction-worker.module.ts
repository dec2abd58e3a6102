import { extractMemories } from '@app/jobs';
import { defineProcessor, WorkerModule } from '@app/worker';
import { type DynamicModule, Module } from '@nestjs/common';

import type { ExtractionWorkerSettings } from './extraction-worker.config.js';
import { ExtractMemoriesProcessor } from './extract-memories.processor.js';
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
        WorkerModule.forRoot(settings, settings.BUNDLED_EXTRACTION_MODEL),
        UpkeepModule.forRoot({
          intervalMs: settings.RECONCILE_INTERVAL_MS,
          queue: { url: settings.QUEUE_URL, prefix: settings.QUEUE_PREFIX },
        }),
      ],
      providers: [
        AutoSupersessionService,
        MemoryExtractionService,
        ...defineProcessor(extractMemories, ExtractMemoriesProcessor),
      ],
    };
  }
}
