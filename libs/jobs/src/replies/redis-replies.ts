import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';

import { REPLY_COPY_SECONDS } from '../policy.js';
import { type QueueSettings, installationPrefix } from '../connection/queue-settings.js';
import { connectRedis } from '../connection/redis-connection.js';
import { type ExpectedReply, type Progress, type Reply, ReplyInbox, ReplyOutbox } from './reply.js';
import { readJobId, readJsonMessage } from './read-message.js';
import { Waiters } from './waiters.js';

/** All processes of one installation subscribe to this channel. */
const cancelChannel = (settings: QueueSettings): string =>
  `cancels:${installationPrefix(settings)}`;

const copyKey = (jobId: string): string => `reply:${jobId}`;

/** Receives replies over pub/sub. Pub/sub loses messages during a reconnect, so a copy of each reply is kept for a while. */
export class RedisReplyInbox extends ReplyInbox {
  readonly address = `replies:${randomUUID()}`;
  readonly #subscriber: Redis;
  readonly #reader: Redis;
  readonly #waiters = new Waiters((jobIds) => this.#lookFor(jobIds));

  constructor(private readonly settings: QueueSettings) {
    super();
    this.#subscriber = connectRedis(settings, 'worker');
    this.#reader = connectRedis(settings, 'producer');
    this.#subscriber.on('message', (channel, message) => {
      if (channel === this.address) this.#waiters.deliver(readJsonMessage(message));
      else this.#waiters.deliverCancel(readJobId(message));
    });
    // On `ready` ioredis has sent its subscriptions again, so this finds the replies that were sent during the reconnect.
    this.#subscriber.on(
      'ready',
      () => void this.#lookFor(this.#waiters.jobIds).catch(() => undefined),
    );
  }

  async open(): Promise<void> {
    await this.#subscriber.subscribe(this.address, cancelChannel(this.settings));
  }

  override expect(jobId: string, onProgress?: (progress: Progress) => void): ExpectedReply {
    return this.#waiters.expect(jobId, onProgress);
  }

  override giveUp(): void {
    this.#waiters.giveUp();
  }

  override get hasGivenUp(): boolean {
    return this.#waiters.hasGivenUp;
  }

  override async cancel(jobId: string): Promise<void> {
    await this.#reader.publish(cancelChannel(this.settings), jobId);
  }

  async #lookFor(jobIds: readonly string[]): Promise<void> {
    if (jobIds.length === 0) return;
    for (const copy of await this.#reader.mget(jobIds.map(copyKey))) {
      if (copy !== null) this.#waiters.deliver(readJsonMessage(copy));
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#subscriber.quit(), this.#reader.quit()]);
  }
}

export class RedisReplyOutbox extends ReplyOutbox {
  readonly #redis: Redis;
  readonly #subscriber: Redis;

  constructor(settings: QueueSettings) {
    super();
    this.#redis = connectRedis(settings, 'worker');
    this.#subscriber = connectRedis(settings, 'worker');
    // Not awaited: a worker starts while Redis is down, and subscribes when it is reachable.
    this.#subscriber.subscribe(cancelChannel(settings)).catch(() => undefined);
  }

  override async send(address: string, reply: Reply): Promise<void> {
    const message = JSON.stringify(reply);
    await this.#redis
      .multi()
      .set(copyKey(reply.jobId), message, 'EX', REPLY_COPY_SECONDS)
      .publish(address, message)
      .exec();
  }

  /** Uses the connection of the replies, so that progress arrives before the reply that follows it. */
  override async sendProgress(address: string, progress: Progress): Promise<void> {
    await this.#redis.publish(address, JSON.stringify(progress));
  }

  override onCancel(listener: (jobId: string) => void): void {
    this.#subscriber.on('message', (_channel, message) => {
      const jobId = readJobId(message);
      if (jobId !== undefined) listener(jobId);
    });
  }

  async close(): Promise<void> {
    this.#subscriber.disconnect();
    await this.#redis.quit().catch(() => undefined);
  }
}
