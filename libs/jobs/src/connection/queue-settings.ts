/** Address and key prefix of the queue. */
export interface QueueSettings {
  /** `redis:`, `rediss:`, or under the launcher `postgres:`. */
  readonly url: string;
  /** Keeps the queues of several installations (or test files) on one server apart. */
  readonly prefix?: string | undefined;
}

/** A producer's commands fail at once while the queue is down; a worker's wait for its return. */
export type QueueRole = 'producer' | 'worker';

const DEFAULT_PREFIX = 'aurra';

/** The start of every key that belongs to an installation and to no single queue. */
export const installationPrefix = ({
  prefix = DEFAULT_PREFIX,
}: Pick<QueueSettings, 'prefix'>): string => prefix;

/** Each queue has its own hash tag, so that queues can be on different shards of a Redis Cluster. */
export function prefixOf(queue: string, settings: Pick<QueueSettings, 'prefix'>): string {
  return `{${installationPrefix(settings)}-${queue}}`;
}
