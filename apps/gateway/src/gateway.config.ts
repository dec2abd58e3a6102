import {
  timeoutSettings,
  egressSettings,
  keyListSetting,
  logSettings,
  postgresSettings,
  probeSettings,
  QUEUE_REFUSED,
  queueIsAllowed,
  queueSettings,
  setting,
  shutdownSettings,
} from '@app/config';
import { z } from 'zod';

import { plansSetting } from './plan/plans.setting.js';

const PUBLIC_KEY_BYTES = 32;

/** The environment of the gateway. It contains the public half of the sealing key, and no key of a model account. */
export const gatewaySettings = z
  .object({
    ...postgresSettings,
    ...queueSettings,
    ...probeSettings,
    ...logSettings,
    ...egressSettings,
    ...shutdownSettings,
    /** The number of jobs in one queue at which the gateway refuses further jobs. */
    QUEUE_MAX_DEPTH: setting.count.default(100_000),
    LLM_TIMEOUT_MS: timeoutSettings.LLM_TIMEOUT_MS,
    SYNC_WAIT_MS: timeoutSettings.SYNC_WAIT_MS,
    PORT: setting.port.default(8080),
    /** Bytes of request bodies in memory at once. One API key may use a quarter of them. */
    MAX_BODY_BYTES_IN_FLIGHT: setting.count
      .pipe(
        z
          .number()
          .min(
            64 * 1024 * 1024,
            'must be at least 67108864 (64 MiB), so that one batch fits into a quarter',
          ),
      )
      .default(256 * 1024 * 1024),
    /** Without it, the routes under /admin answer 404. */
    AURRA_ADMIN_TOKEN: setting.secret.optional(),
    CALLER_KEY_PUBLIC_KEYS: keyListSetting.refine(
      (keys) => keys.every(({ key }) => key.length === PUBLIC_KEY_BYTES),
      'must hold keys of 32 bytes in base64',
    ),
    CALLER_KEY_TTL_MS: setting.milliseconds
      .pipe(z.number().max(6 * 3_600_000, 'must be at most six hours'))
      .default(6 * 3_600_000),
    /** Whether the workers hold a bundled model account. The gateway never sees its key. */
    BUNDLED_LLM: setting.flag.default(false),
    PLANS: plansSetting,
    TRUST_PROXY: setting.flag.default(false),
  })
  .refine(queueIsAllowed, QUEUE_REFUSED);

export type GatewaySettings = z.output<typeof gatewaySettings>;
