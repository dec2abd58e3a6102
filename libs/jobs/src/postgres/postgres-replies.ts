import {
  type ConnectionOptions,
  Queue,
  QueueEvents,
  type QueueEventsListener,
  QueueEventsProducer,
  type QueueOptions,
  Worker,
} from 'bullmq';
import { randomUUID } from 'node:crypto';

import { type QueueSettings, prefixOf } from '../connection/queue-settings.js';
import { readJobId, readMessage } from '../replies/read-message.js';
import {
  type ExpectedReply,
  type Progress,
  type Reply,
  ReplyInbox,
  ReplyOutbox,
} from '../replies/reply.js';
import { Waiters } from '../replies/waiters.js';

const REPLIES = 'replies';
/** A queue without jobs: every process subscribes to its events. */
const CANCELS = 'cancels';
const CANCEL = 'cancel-job';
const CANCELS_KEPT = 100;

/** BullMQ's type of a custom event. */
interface CancelListener extends QueueEventsListener {
  [CANCEL]: (event: { jobId?: unknown }, id: string) => void;
}

const optionsOf = (
  name: string,
  connection: ConnectionOptions,
  settings: QueueSettings,
): QueueOptions => ({ connection, prefix: prefixOf(name, settings) });

/** Calls `listener` with every later cancel. */
function subscribeToCancels(options: QueueOptions, listener: (jobId: string) => void): QueueEvents {
  const events = new QueueEvents(CANCELS, options);
  events.on('error', () => undefined);
  events.on<CancelListener>(CANCEL, (event: { jobId?: unknown }) => {
    const jobId = readJobId(event.jobId);
    if (jobId !== undefined) listener(jobId);
  });
  return events;
}

/**
 * BullMQ's Postgres backend has no pub/sub, so each gateway reads a small queue of its own.
 * The statement that completes a reply's job deletes its row.
 */
export class PostgresReplyInbox extends ReplyInbox {
  readonly address = `${REPLIES}-${randomUUID()}`;
  readonly #waiters = new Waiters(() => Promise.resolve());
  readonly #worker: Worker;
  readonly #cancels: QueueEventsProducer;
  readonly #cancelled: QueueEvents;

  constructor(connection: ConnectionOptions, settings: QueueSettings) {
    super();
    const cancels = optionsOf(CANCELS, connection, settings);
    this.#cancelled = subscribeToCancels(cancels, (jobId) => this.#waiters.deliverCancel(jobId));
    this.#worker = new Worker(
      this.address,
      (job) => Promise.resolve(this.#waiters.deliver(readMessage(job.data))),
      {
        ...optionsOf(REPLIES, connection, settings),
        // One at a time, so that the pieces of an answer keep their order.
        concurrency: 1,
        removeOnComplete: { count: 0 },
      },
    ).on('error', () => undefined);
    this.#cancels = new QueueEventsProducer(CANCELS, cancels);
    this.#cancels.on('error', () => undefined);
  }

  async open(): Promise<void> {
    await Promise.all([this.#worker.waitUntilReady(), this.#cancelled.waitUntilReady()]);
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
    await this.#cancels.publishEvent({ eventName: CANCEL, jobId }, CANCELS_KEPT);
  }

  async close(): Promise<void> {
    const open = [this.#worker, this.#cancels, this.#cancelled];
    await Promise.allSettled(open.map((one) => one.close()));
  }
}

export class PostgresReplyOutbox extends ReplyOutbox {
  readonly #queues = new Map<string, Queue>();
  readonly #listeners: ((jobId: string) => void)[] = [];
  readonly #cancels: QueueEvents;

  constructor(
    private readonly connection: ConnectionOptions,
    private readonly settings: QueueSettings,
  ) {
    super();
    this.#cancels = subscribeToCancels(optionsOf(CANCELS, connection, settings), (jobId) => {
      for (const listener of this.#listeners) listener(jobId);
    });
  }

  override async send(address: string, reply: Reply): Promise<void> {
    await this.#add(address, reply);
  }

  override async sendProgress(address: string, progress: Progress): Promise<void> {
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

  /** One per gateway. The map stays small: a laptop has one gateway, which gets a new address only when it restarts. */
  #queueOf(address: string): Queue {
    const known = this.#queues.get(address);
    if (known) return known;
    const options = optionsOf(REPLIES, this.connection, this.settings);
    const queue = new Queue(address, options).on('error', () => undefined);
    this.#queues.set(address, queue);
    return queue;
  }

  async close(): Promise<void> {
    const open = [...this.#queues.values(), this.#cancels];
    await Promise.allSettled(open.map((one) => one.close()));
  }
}
