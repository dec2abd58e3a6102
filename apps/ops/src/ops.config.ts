import {
  logSettings,
  probeSettings,
  QUEUE_REFUSED,
  queueIsAllowed,
  queueSettings,
  setting,
} from '@app/config';
import { z } from 'zod';

/** The environment of ops. It does not start without a login for the board. */
export const opsSettings = z
  .object({
    ...queueSettings,
    ...probeSettings,
    ...logSettings,
    OPS_PORT: setting.port.default(8081),
    OPS_USER: z.string().min(1),
    OPS_PASSWORD: setting.secret,
    OPS_READ_ONLY: setting.flag.default(true),
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type OpsSettings = z.output<typeof opsSettings>;
