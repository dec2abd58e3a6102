import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';

import { isOnPostgres, type QueueSettings, redisOptions } from './queue-connection.js';
import { RATE_WINDOW_MS, RateLimits } from './rate-limits.js';

/** Every request waits for this: of a Redis that hangs it waits no longer. */
const COUNT_WITHIN_MS = 250;

const limitsOf = (points: number, { prefix = 'aurra' }: QueueSettings) => ({
  points,
  duration: RATE_WINDOW_MS / 1_000,
  keyPrefix: `${prefix}:requests`,
});

/** Counts where the queue is; on the launcher's Postgres queue, which has one gateway, in its memory. */
export function openRateLimits(settings: QueueSettings): RateLimits {
  return isOnPostgres(settings.url)
    ? new RateLimits(
        (perMinute) => new RateLimiterMemory(limitsOf(perMinute, settings)),
        () => Promise.resolve(),
      )
    : onRedis(settings);
}

function onRedis(settings: QueueSettings): RateLimits {
  const { url, ...options } = redisOptions({ ...settings, role: 'producer' });
  const redis = new Redis(url, { ...options, commandTimeout: COUNT_WITHIN_MS });
  redis.on('error', () => undefined);
  const counterFor = (perMinute: number) =>
    new RateLimiterRedis({
      ...limitsOf(perMinute, settings),
      storeClient: redis,
      rejectIfRedisNotReady: true,
      // Who goes on after the end of their minute costs Redis nothing.
      inMemoryBlockOnConsumed: perMinute,
      // Without Redis each gateway counts for itself: a limit still, if not the same.
      insuranceLimiter: new RateLimiterMemory(limitsOf(perMinute, settings)),
    });
  return new RateLimits(counterFor, async () => {
    await redis.quit().catch(() => redis.disconnect());
  });
}
