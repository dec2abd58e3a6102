import type { ConnectionOptions, QueueOptions } from 'bullmq';

import { PostgresBackend } from './postgres/postgres-backend.js';
import type { QueueBackend } from './backend/queue-backend.js';
import { type QueueRole, type QueueSettings, prefixOf } from './connection/queue-settings.js';
import { RedisBackend } from './backend/redis-backend.js';

/** Events that BullMQ keeps for each queue; they hold ids and codes only. The newest object for a queue sets the number. */
const EVENTS_KEPT = 1_000;

/** The only place that asks which kind of server the queue is on. */
export function openQueueBackend(settings: QueueSettings): QueueBackend {
  return /^postgres(ql)?:/.test(settings.url)
    ? new PostgresBackend(settings)
    : new RedisBackend(settings);
}

/** The `connection` option of BullMQ's classes. */
export function queueConnection({
  role,
  ...settings
}: QueueSettings & { readonly role: QueueRole }): ConnectionOptions {
  return openQueueBackend(settings).connection(role);
}

/** BullMQ's options of one queue, the same for each object that represents it. */
export function queueOptions(
  queue: string,
  settings: QueueSettings & { readonly role: QueueRole },
): QueueOptions {
  return {
    connection: queueConnection(settings),
    prefix: prefixOf(queue, settings),
    streams: { events: { maxLen: EVENTS_KEPT } },
  };
}
