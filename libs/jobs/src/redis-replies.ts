import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';

import { type Expected, type Progress, type Reply, ReplyInbox, ReplyOutbox } from './reply.js';
import { type QueueSettings, redisOptions } from './queue-connection.js';
import { readJobId, readJsonMessage } from './read-message.js';
import { Waiters } from './waiters.js';

/** A copy of each reply is kept this long, in memory: pub/sub alone loses what is sent while a gateway reconnects. */
const COPY_SECONDS = 30;

/** Every process of one installation hears what is cancelled. */
const cancelsOf = ({ prefix = 'aurra' }: QueueSettings): string => `cancels:${prefix}`;

const copyKey = (jobId: string): string => `reply:${jobId}`;

/** Replies over pub/sub, with a short-lived copy to look for after a reconnect. The only user of pub/sub. */
export class RedisReplyInbox extends ReplyInbox {
  readonly address = `replies:${randomUUID()}`;
  readonly #subscriber: Redis;
  readonly #reader: Redis;
  readonly #waiters = new Waiters((jobIds) => this.#lookFor(jobIds));

  constructor(private readonly settings: QueueSettings) {
    super();
    this.#subscriber = connect({ ...settings, role: 'worker' });
    this.#reader = connect(settings);
    this.#subscriber.on('message', (channel, message) => {
      if (channel === this.address) this.#waiters.deliver(readJsonMessage(message));
      else this.#waiters.deliverCancel(readJobId(message));
    });
    // ioredis has subscribed again by the time it is ready.
    this.#subscriber.on(
      'ready',
      () => void this.#lookFor(this.#waiters.jobIds).catch(() => undefined),
    );
  }

  async open(): Promise<void> {
    await this.#subscriber.subscribe(this.address, cancelsOf(this.settings));
  }

  override expect(jobId: string, onProgress?: (progress: Progress) => void): Expected {
    return this.#waiters.expect(jobId, onProgress);
  }

  override giveUp(): void {
    this.#waiters.giveUp();
  }

  override get hasGivenUp(): boolean {
    return this.#waiters.hasGivenUp;
  }

  override async cancel(jobId: string): Promise<void> {
    await this.#reader.publish(cancelsOf(this.settings), jobId);
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
    this.#redis = connect(settings);
    this.#subscriber = connect(settings);
    // A worker starts without its queue, and subscribes when that is there.
    this.#subscriber.subscribe(cancelsOf(settings)).catch(() => undefined);
  }

  override async send(address: string, reply: Reply): Promise<void> {
    const message = JSON.stringify(reply);
    await this.#redis
      .multi()
      .set(copyKey(reply.jobId), message, 'EX', COPY_SECONDS)
      .publish(address, message)
      .exec();
  }

  /** Over the same connection as replies, so that it arrives before those that follow. */
  override async tell(address: string, progress: Progress): Promise<void> {
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

function connect(settings: QueueSettings): Redis {
  const { url, ...options } = redisOptions(settings);
  // Without a listener an error event ends the process; who waits hears of it by its own timeout.
  return new Redis(url, options).on('error', () => undefined);
}
