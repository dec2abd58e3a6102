import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/** Everything that a queue has in Redis except its events and their number, by the name of the key. Times are left out. */
export async function queueContents(
  url: string,
  queue: Queue,
): Promise<Readonly<Record<string, unknown>>> {
  const redis = new Redis(url);
  try {
    const base = queue.toKey('');
    const keys = (await redis.keys(`${base.replace(/[{}]/g, '?')}*`)).toSorted();
    const contents: Record<string, unknown> = {};
    for (const key of keys) {
      const name = key.slice(base.length);
      if (name !== 'events') contents[name] = await contentOf(redis, key);
    }
    return { meta: {}, ...contents };
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'string') return redis.get(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  if (type === 'zset') return redis.zrange(key, 0, -1, 'WITHSCORES');
  if (type !== 'hash') throw new Error(`A key of type ${type}`);
  const { opts, timestamp, 'opts.maxLenEvents': _, ...fields } = await redis.hgetall(key);
  return {
    ...fields,
    // The order of the fields of an object does not matter, and differs between two runs of BullMQ's script.
    ...(opts !== undefined && { opts: JSON.parse(opts) as unknown }),
    ...(timestamp !== undefined && { timestamp: /^1\d{12}$/.test(timestamp) }),
  };
}
