import { type ConnectionOptions, type QueueOptions, setDefaultBackendFactory } from 'bullmq';
import { createPostgresBackend } from 'bullmq';

/** Where the queue is, and who connects: a producer must hear of a dead queue at once, a worker waits for it. */
export interface QueueSettings {
  /** `redis:`, `rediss:`, or under the launcher `postgres:`. */
  readonly url: string;
  readonly role: 'producer' | 'worker';
  /** Keeps the queues of several installations (or test files) on one server apart. */
  readonly prefix?: string | undefined;
}

const COMMAND_TIMEOUT_MS = 5_000;
/** Old events hold ids and codes only, and few of them are kept. The last queue object that was made says how many. */
const EVENTS_KEPT = 1_000;
/** Per BullMQ connection; the four apps share the hundred that Postgres has. */
const POSTGRES_POOL_SIZE = 4;

export function isOnPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** Its own hash tag a queue, so that queues can live on different shards of a Redis Cluster. */
export function prefixOf(
  queue: string,
  { prefix = 'aurra' }: Pick<QueueSettings, 'prefix'>,
): string {
  return `{${prefix}-${queue}}`;
}

/** The ioredis options of a connection in this role. */
export function redisOptions({ url, role }: QueueSettings): {
  url: string;
  enableOfflineQueue: boolean;
  maxRetriesPerRequest: number | null;
  commandTimeout?: number;
} {
  return role === 'producer'
    ? // A job must not run after its caller was told that the queue is down.
      {
        url,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        commandTimeout: COMMAND_TIMEOUT_MS,
      }
    : { url, enableOfflineQueue: true, maxRetriesPerRequest: null };
}

/**
 * What BullMQ's classes take as `connection`. @nestjs/bullmq passes no backend to them, so the process-wide default is
 * the only door to Postgres.
 */
export function queueConnection(settings: QueueSettings): ConnectionOptions {
  if (!isOnPostgres(settings.url)) return redisOptions(settings);
  setDefaultBackendFactory(createPostgresBackend as never);
  return {
    connectionString: settings.url,
    migrate: true,
    max: POSTGRES_POOL_SIZE,
  };
}

/** The same for each object that stands for one queue. */
export function queueOptions(queue: string, settings: QueueSettings): QueueOptions {
  return {
    connection: queueConnection(settings),
    prefix: prefixOf(queue, settings),
    streams: { events: { maxLen: EVENTS_KEPT } },
  };
}
