import { AppError } from '@app/errors';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';

import { answerQuery } from './answer-query.job.js';
import { extractMemories } from './extract-memories.job.js';
import type { FairOrder } from './fair-order.js';
import type { JobContract } from './job-contract.js';
import { JobProducer } from './job-producer.js';
import { openFairOrder } from './open-fair-order.js';
import {
  isOnPostgres,
  prefixOf,
  queueOptions,
  type QueueSettings,
  redisOptions,
} from './queue-connection.js';
import { verifyLlm } from './verify-llm.job.js';

const ANSWERS_WITHIN_MS = 10_000;
const RETRY_AFTER_MS = 5_000;

/** Postgres keeps its jobs: what was there once is there. */
const NEVER_EMPTIED = 'postgres';

/**
 * What the queues still hold, for whoever knows what they should hold. On connections of its own: a worker's wait for a
 * queue that is down, these fail.
 */
export class LiveJobs {
  readonly producer: JobProducer;
  readonly #order: FairOrder;
  readonly #queues: readonly Queue[];
  readonly #redis: Redis | undefined;
  readonly #settings: QueueSettings;
  readonly #checked = new Set<string>();

  constructor(settings: Omit<QueueSettings, 'role'>) {
    this.#settings = { ...settings, role: 'producer' };
    const extraction = openQueue(extractMemories, this.#settings);
    const query = openQueue(answerQuery, this.#settings);
    const verification = openQueue(verifyLlm, this.#settings);
    this.#order = openFairOrder(this.#settings);
    this.producer = new JobProducer(extraction, query, verification, this.#order);
    this.#queues = [extraction, query, verification];
    this.#redis = isOnPostgres(settings.url) ? undefined : connect(this.#settings);
  }

  /**
   * Those of the ids whose job waits, is delayed or runs. Asks for each by its id: a search through the queue's lists
   * for a job's state costs the more, the longer they are.
   * @throws AppError `unavailable`
   */
  async amongst(contract: JobContract, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    const queue = this.#queueOf(contract);
    const jobs = await answered(Promise.all(jobIds.map((jobId) => queue.getJob(jobId))));
    // A job has an end exactly when it is completed or failed.
    return new Set(
      jobs.flatMap((job) => (job?.id && job.finishedOn === undefined ? [job.id] : [])),
    );
  }

  /**
   * A name for the queue's present memory: with another one than last time, the queue was emptied in between.
   * @throws AppError `unavailable`
   */
  async epochOf({ queue }: JobContract): Promise<string> {
    if (!this.#redis) return NEVER_EMPTIED;
    const key = `${prefixOf(queue, this.#settings)}:epoch`;
    await answered(this.#redis.set(key, randomUUID(), 'NX'));
    return (await answered(this.#redis.get(key))) ?? '';
  }

  /**
   * Whether every row was checked since that memory began, by whichever process. The queue remembers it itself: a worker
   * that is started anew need not look at a million rows, and an emptied queue has forgotten.
   * @throws AppError `unavailable`
   */
  async wasChecked(contract: JobContract, epoch: string): Promise<boolean> {
    if (!this.#redis) return this.#checked.has(contract.queue);
    return (await answered(this.#redis.get(this.#checkedKey(contract)))) === epoch;
  }

  /** @throws AppError `unavailable` */
  async noteChecked(contract: JobContract, epoch: string): Promise<void> {
    this.#checked.add(contract.queue);
    if (this.#redis) await answered(this.#redis.set(this.#checkedKey(contract), epoch));
  }

  async close(): Promise<void> {
    this.#redis?.disconnect();
    await this.#order.close();
    await Promise.allSettled(this.#queues.map((queue) => queue.close()));
  }

  #checkedKey({ queue }: JobContract): string {
    return `${prefixOf(queue, this.#settings)}:checked`;
  }

  #queueOf(contract: JobContract): Queue {
    const found = this.#queues.find(({ name }) => name === contract.queue);
    if (!found) throw new Error(`No queue is called ${contract.queue}`);
    return found;
  }
}

function openQueue({ queue }: JobContract, settings: QueueSettings): Queue {
  // Whoever asks hears of it.
  return new Queue(queue, queueOptions(queue, settings)).on('error', () => undefined);
}

/** Waits for its first connection, as BullMQ's own do: only its commands' timeout ends that. */
function connect(settings: QueueSettings): Redis {
  const { url, ...options } = redisOptions(settings);
  return new Redis(url, { ...options, enableOfflineQueue: true }).on('error', () => undefined);
}

/** @throws AppError `unavailable` where the queue does not answer in time. */
export async function answered<Result>(asking: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('No answer')), ANSWERS_WITHIN_MS);
  try {
    return await Promise.race([asking, late.promise]);
  } catch (cause) {
    throw new AppError('unavailable', 'The queue cannot be asked right now.', {
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}
