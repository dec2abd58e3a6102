import {
  bundledSettings,
  QUEUE_REFUSED,
  queueIsAllowed,
  setting,
  workerEnvironment,
} from '@app/config';
import { z } from 'zod';

/** The environment of the extraction worker. */
export const extractionWorkerSettings = z
  .object({
    ...workerEnvironment,
    BUNDLED_EXTRACTION_MODEL: bundledSettings.BUNDLED_EXTRACTION_MODEL,
    // Upkeep holds one connection for as long as it runs, and asks through another.
    DATABASE_POOL_SIZE: setting.count.min(2).default(16),
    /** How long upkeep rests. */
    RECONCILE_INTERVAL_MS: setting.milliseconds.default(30_000),
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type ExtractionWorkerSettings = z.output<typeof extractionWorkerSettings>;
