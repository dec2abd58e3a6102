import {
  bundledSettings,
  deadlineSettings,
  egressSettings,
  logSettings,
  postgresSettings,
  probeSettings,
  QUEUE_REFUSED,
  queueIsAllowed,
  queueSettings,
  setting,
  workerSettings,
} from '@app/config';
import { z } from 'zod';

const { SYNC_WAIT_MS: _waitedForByTheGateway, ...deadlines } = deadlineSettings;
const { BUNDLED_ANSWER_MODEL: _forQueries, ...bundled } = bundledSettings;

/** The environment of the extraction worker. */
export const extractionWorkerSettings = z
  .object({
    ...postgresSettings,
    ...queueSettings,
    ...probeSettings,
    ...logSettings,
    ...egressSettings,
    ...deadlines,
    ...bundled,
    ...workerSettings,
    // Upkeep holds one connection for as long as it runs, and asks through another.
    DATABASE_POOL_SIZE: setting.count.min(2).default(16),
    /** How long upkeep rests. */
    RECONCILE_INTERVAL_MS: setting.milliseconds.default(30_000),
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type ExtractionWorkerSettings = z.output<typeof extractionWorkerSettings>;
