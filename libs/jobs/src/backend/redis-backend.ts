import { type ConnectionOptions, setDefaultBackendFactory } from 'bullmq';

import type { FairOrder } from '../fairness/fair-order.js';
import { RedisFairOrder } from '../fairness/redis-fair-order.js';
import { OpenedEnvelopes, redisEnvelopeMarks } from '../limits/opened-envelopes.js';
import { type RateLimits, redisRateLimits } from '../limits/rate-limits.js';
import { type RefusedKeys, redisRefusedKeys } from '../limits/refused-keys.js';
import { RedisReplyInbox, RedisReplyOutbox } from '../replies/redis-replies.js';
import type { QueueBackend } from './queue-backend.js';
import type { QueueRole, QueueSettings } from '../connection/queue-settings.js';
import { type QueueEpochs, RedisQueueEpochs } from './queue-epochs.js';
import { type QueueServer, RedisQueueServer } from './queue-server.js';
import { redisOptions } from '../connection/redis-connection.js';

/** The queue on Redis, which every deployment uses. */
export class RedisBackend implements QueueBackend {
  constructor(private readonly settings: QueueSettings) {}

  /** Sets BullMQ's default, of the whole process, to Redis again, in case a queue on Postgres was opened before. */
  connection(role: QueueRole): ConnectionOptions {
    setDefaultBackendFactory();
    return { url: this.settings.url, ...redisOptions(role) };
  }

  fairOrder(): FairOrder {
    return new RedisFairOrder(this.settings);
  }

  async replyInbox(): Promise<RedisReplyInbox> {
    const inbox = new RedisReplyInbox(this.settings);
    await inbox.open();
    return inbox;
  }

  replyOutbox(): RedisReplyOutbox {
    return new RedisReplyOutbox(this.settings);
  }

  rateLimits(): RateLimits {
    return redisRateLimits(this.settings);
  }

  refusedKeys(role: QueueRole): Promise<RefusedKeys> {
    return Promise.resolve(redisRefusedKeys(this.settings, role));
  }

  openedEnvelopes(): OpenedEnvelopes {
    return new OpenedEnvelopes(redisEnvelopeMarks(this.settings));
  }

  epochs(): QueueEpochs {
    return new RedisQueueEpochs(this.settings);
  }

  server(): QueueServer {
    return new RedisQueueServer(this.settings);
  }
}
