import { Queue, Worker } from 'bullmq';
import { randomUUID } from 'node:crypto';

import { type QueueSettings, prefixOf, queueConnection } from './queue-connection.js';
import { type Expected, type Reply, ReplyInbox, ReplyOutbox } from './reply.js';
import { Waiters } from './waiters.js';

const REPLIES = 'replies';

/**
 * Replies where the queue is on Postgres and there is no pub/sub: each gateway reads a small queue of its own.
 * A reply's row goes in the statement that completes it.
 */
export class QueueReplyInbox extends ReplyInbox {
  readonly address = `${REPLIES}-${randomUUID()}`;
  readonly #waiters = new Waiters(() => Promise.resolve());
  readonly #worker: Worker;

  constructor(settings: QueueSettings) {
    super();
    const worker = new Worker(
      this.address,
      (job) => Promise.resolve(this.#waiters.deliver(job.data as Reply)),
      {
        connection: queueConnection({ ...settings, role: 'worker' }),
        prefix: prefixOf(REPLIES, settings),
        concurrency: 50,
        removeOnComplete: { count: 0 },
      },
    );
    this.#worker = worker.on('error', () => undefined);
  }

  async open(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  override expect(jobId: string): Expected {
    return this.#waiters.expect(jobId);
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }
}

export class QueueReplyOutbox extends ReplyOutbox {
  readonly #queues = new Map<string, Queue>();

  constructor(private readonly settings: QueueSettings) {
    super();
  }

  override async send(address: string, reply: Reply): Promise<void> {
    await this.#queueOf(address).add('reply', reply, {
      removeOnComplete: true,
      removeOnFail: true,
      stackTraceLimit: 0,
    });
  }

  /** One a gateway; a laptop has one gateway, and a new address only when that was restarted. */
  #queueOf(address: string): Queue {
    const known = this.#queues.get(address);
    if (known) return known;
    const queue = new Queue(address, {
      connection: queueConnection(this.settings),
      prefix: prefixOf(REPLIES, this.settings),
    }).on('error', () => undefined);
    this.#queues.set(address, queue);
    return queue;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
  }
}
