import { Queue, QueueEvents, QueueEventsProducer, type QueueEventsListener, Worker } from 'bullmq';
import { randomUUID } from 'node:crypto';

import { type QueueSettings, prefixOf, queueConnection } from './queue-connection.js';
import { readJobId, readMessage } from './read-message.js';
import { type Expected, type Progress, type Reply, ReplyInbox, ReplyOutbox } from './reply.js';
import { Waiters } from './waiters.js';

const REPLIES = 'replies';
/** A queue without jobs: its events are heard by every process. */
const CANCELS = 'cancels';
const CANCEL = 'cancel-job';
const CANCELS_KEPT = 100;

/** How BullMQ types an event of one's own. */
interface CancelListener extends QueueEventsListener {
  [CANCEL]: (event: { jobId?: unknown }, id: string) => void;
}

/** Hears every cancel from now on. */
function hearCancels(settings: QueueSettings, listener: (jobId: string) => void): QueueEvents {
  const events = new QueueEvents(CANCELS, {
    connection: queueConnection(settings),
    prefix: prefixOf(CANCELS, settings),
  });
  events.on('error', () => undefined);
  events.on<CancelListener>(CANCEL, (event: { jobId?: unknown }) => {
    const jobId = readJobId(event.jobId);
    if (jobId !== undefined) listener(jobId);
  });
  return events;
}

/**
 * Replies where the queue is on Postgres and there is no pub/sub: each gateway reads a small queue of its own.
 * A reply's row goes in the statement that completes it.
 */
export class QueueReplyInbox extends ReplyInbox {
  readonly address = `${REPLIES}-${randomUUID()}`;
  readonly #waiters = new Waiters(() => Promise.resolve());
  readonly #worker: Worker;
  readonly #cancels: QueueEventsProducer;
  readonly #cancelled: QueueEvents;

  constructor(settings: QueueSettings) {
    super();
    this.#cancelled = hearCancels(settings, (jobId) => this.#waiters.deliverCancel(jobId));
    const worker = new Worker(
      this.address,
      (job) => Promise.resolve(this.#waiters.deliver(readMessage(job.data))),
      {
        connection: queueConnection({ ...settings, role: 'worker' }),
        prefix: prefixOf(REPLIES, settings),
        // One after the other: the pieces of an answer keep their order.
        concurrency: 1,
        removeOnComplete: { count: 0 },
      },
    );
    this.#worker = worker.on('error', () => undefined);
    this.#cancels = new QueueEventsProducer(CANCELS, {
      connection: queueConnection(settings),
      prefix: prefixOf(CANCELS, settings),
    });
    this.#cancels.on('error', () => undefined);
  }

  async open(): Promise<void> {
    await Promise.all([this.#worker.waitUntilReady(), this.#cancelled.waitUntilReady()]);
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
    await this.#cancels.publishEvent({ eventName: CANCEL, jobId }, CANCELS_KEPT);
  }

  async close(): Promise<void> {
    const open = [this.#worker, this.#cancels, this.#cancelled];
    await Promise.allSettled(open.map((one) => one.close()));
  }
}

export class QueueReplyOutbox extends ReplyOutbox {
  readonly #queues = new Map<string, Queue>();
  readonly #listeners: ((jobId: string) => void)[] = [];
  readonly #cancels: QueueEvents;

  constructor(private readonly settings: QueueSettings) {
    super();
    this.#cancels = hearCancels(settings, (jobId) => {
      for (const listener of this.#listeners) listener(jobId);
    });
  }

  override async send(address: string, reply: Reply): Promise<void> {
    await this.#add(address, reply);
  }

  override async tell(address: string, progress: Progress): Promise<void> {
    await this.#add(address, progress);
  }

  override onCancel(listener: (jobId: string) => void): void {
    this.#listeners.push(listener);
  }

  async #add(address: string, message: Reply | Progress): Promise<void> {
    await this.#queueOf(address).add('reply', message, {
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
    const open = [...this.#queues.values(), this.#cancels];
    await Promise.allSettled(open.map((one) => one.close()));
  }
}
