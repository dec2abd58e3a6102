import {
  bundledSettings,
  QUEUE_REFUSED,
  queueIsAllowed,
  setting,
  workerEnvironment,
} from '@app/config';
import { UPKEEP_INTERVAL_MS } from '@app/jobs/policy';
import { z } from 'zod';

/** The environment of the extraction worker. */
export const extractionWorkerSettings = z
  .object({
    ...workerEnvironment,
    BUNDLED_EXTRACTION_MODEL: bundledSettings.BUNDLED_EXTRACTION_MODEL,
    // At least 2: upkeep holds its lock on one connection and runs its statements on another.
    DATABASE_POOL_SIZE: setting.count.min(2).default(16),
    /** Pause between two rounds of upkeep. */
    RECONCILE_INTERVAL_MS: setting.milliseconds.default(UPKEEP_INTERVAL_MS),
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type ExtractionWorkerSettings = z.output<typeof extractionWorkerSettings>;
