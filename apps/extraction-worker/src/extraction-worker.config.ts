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
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type ExtractionWorkerSettings = z.output<typeof extractionWorkerSettings>;
