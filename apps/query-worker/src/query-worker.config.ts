import { bundledSettings, QUEUE_REFUSED, queueIsAllowed, workerEnvironment } from '@app/config';
import { z } from 'zod';

/** The environment of the query worker. */
export const queryWorkerSettings = z
  .object({
    ...workerEnvironment,
    BUNDLED_ANSWER_MODEL: bundledSettings.BUNDLED_ANSWER_MODEL,
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type QueryWorkerSettings = z.output<typeof queryWorkerSettings>;
