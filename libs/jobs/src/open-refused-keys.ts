import { PostgresConnection } from 'bullmq';
import { Redis } from 'ioredis';
import { RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible';

import { isOnPostgres, type QueueSettings, redisOptions } from './queue-connection.js';
import { REFUSALS_ALLOWED, REFUSALS_WINDOW_MS, RefusedKeys } from './refused-keys.js';

/** Counts where the queue is: every process of an installation sees the same, and none has another server to reach. */
export async function openRefusedKeys(settings: QueueSettings): Promise<RefusedKeys> {
  return isOnPostgres(settings.url) ? onPostgres(settings) : onRedis(settings);
}

const limitsOf = ({ prefix = 'aurra' }: Pick<QueueSettings, 'prefix'>) => ({
  points: REFUSALS_ALLOWED,
  duration: REFUSALS_WINDOW_MS / 1_000,
  keyPrefix: `${prefix}:refused-keys`,
});

/** A producer hears at once that the queue is down; a worker waits a little for its first connection. */
function onRedis(settings: QueueSettings): RefusedKeys {
  const { url, ...options } = redisOptions({ ...settings, role: 'producer' });
  const enableOfflineQueue = settings.role === 'worker';
  const redis = new Redis(url, { ...options, enableOfflineQueue }).on('error', () => undefined);
  const limiter = new RateLimiterRedis({ ...limitsOf(settings), storeClient: redis });
  return new RefusedKeys(limiter, async () => {
    await redis.quit().catch(() => redis.disconnect());
  });
}

/** Beside the launcher's queue, in the schema that BullMQ keeps for itself. */
async function onPostgres(settings: QueueSettings): Promise<RefusedKeys> {
  const connection = new PostgresConnection({
    connectionString: settings.url,
    migrate: true,
    max: 1,
  }).on('error', () => undefined);
  await connection.waitUntilReady();
  const limiter = await new Promise<RateLimiterPostgres>((resolve, reject) => {
    const made: RateLimiterPostgres = new RateLimiterPostgres(
      {
        ...limitsOf(settings),
        storeClient: connection.pool,
        storeType: 'pool',
        schemaName: connection.schema,
        tableName: 'refused_keys',
      },
      (error) => (error ? reject(error) : setImmediate(() => resolve(made))),
    );
  });
  return new RefusedKeys(limiter, () => connection.close());
}
