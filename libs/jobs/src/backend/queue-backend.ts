import type { ConnectionOptions } from 'bullmq';

import type { FairOrder } from '../fairness/fair-order.js';
import type { OpenedEnvelopes } from '../limits/opened-envelopes.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { RefusedKeys } from '../limits/refused-keys.js';
import type { ReplyInbox, ReplyOutbox } from '../replies/reply.js';
import type { QueueEpochs } from './queue-epochs.js';
import type { QueueRole } from '../connection/queue-settings.js';
import type { QueueServer } from './queue-server.js';

/** Anything that holds a connection and is closed with its process. */
export interface Closable {
  close(): Promise<void>;
}

/** Everything that differs between a queue on Redis and the launcher's queue on Postgres. */
export interface QueueBackend {
  /** The `connection` option of BullMQ's classes. */
  connection(role: QueueRole): ConnectionOptions;
  fairOrder(): FairOrder;
  /** Resolves when the inbox receives: a reply that is sent later cannot be missed. */
  replyInbox(): Promise<ReplyInbox & Closable>;
  replyOutbox(): ReplyOutbox & Closable;
  rateLimits(): RateLimits;
  refusedKeys(role: QueueRole): Promise<RefusedKeys>;
  openedEnvelopes(): OpenedEnvelopes;
  epochs(): QueueEpochs;
  server(): QueueServer;
}
