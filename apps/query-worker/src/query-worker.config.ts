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
const { BUNDLED_EXTRACTION_MODEL: _forWrites, ...bundled } = bundledSettings;

/** The environment of the query worker. */
export const queryWorkerSettings = z
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

export type QueryWorkerSettings = z.output<typeof queryWorkerSettings>;
