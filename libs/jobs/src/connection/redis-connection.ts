import { Redis } from 'ioredis';

import { QUEUE_COMMAND_TIMEOUT_MS } from '../policy.js';
import type { QueueRole, QueueSettings } from './queue-settings.js';

interface RedisRoleOptions {
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
}

/** The ioredis options of a connection in this role. */
export function redisOptions(role: QueueRole): RedisRoleOptions {
  return role === 'producer'
    ? // Without the offline queue: a job must not run after its caller got the answer that the queue is down.
      {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        commandTimeout: QUEUE_COMMAND_TIMEOUT_MS,
      }
    : { enableOfflineQueue: true, maxRetriesPerRequest: null };
}

/**
 * A connection in this role. Its error events are dropped, because an error event without a listener ends the process; the
 * command that fails rejects anyway.
 */
export function connectRedis(
  { url }: QueueSettings,
  role: QueueRole,
  overrides: Partial<RedisRoleOptions> = {},
): Redis {
  return new Redis(url, { ...redisOptions(role), ...overrides }).on('error', () => undefined);
}

/** Closes the connection after its pending commands. If QUIT fails, because the connection is down, it closes at once. */
export async function quitRedis(redis: Redis): Promise<void> {
  await redis.quit().catch(() => redis.disconnect());
}
