import { AppError } from '@app/errors';
import { randomUUID } from 'node:crypto';

import type { JobContract } from '../contracts/job-contract.js';
import { QUEUE_ANSWER_TIMEOUT_MS, RETRY_AFTER_MS } from '../policy.js';
import { type QueueSettings, prefixOf } from '../connection/queue-settings.js';
import { connectRedis } from '../connection/redis-connection.js';
import { within } from './within.js';

/**
 * Tells upkeep whether a queue lost its contents. An epoch is a name that the queue keeps among its own keys: a queue
 * that was emptied has lost it and gets a new one.
 */
export interface QueueEpochs {
  /** @throws AppError `unavailable` */
  epochOf(contract: JobContract): Promise<string>;
  /**
   * Whether every row was checked against the queue in this epoch, by any process. The queue itself remembers it, so
   * that a restarted worker need not check a million rows again.
   * @throws AppError `unavailable`
   */
  wasChecked(contract: JobContract, epoch: string): Promise<boolean>;
  /** @throws AppError `unavailable` */
  noteChecked(contract: JobContract, epoch: string): Promise<void>;
  close(): Promise<void>;
}

export class RedisQueueEpochs implements QueueEpochs {
  readonly #redis;

  constructor(private readonly settings: QueueSettings) {
    // Commands wait for the first connection, as those of BullMQ do; `answerInTime` bounds that wait.
    this.#redis = connectRedis(settings, 'producer', { enableOfflineQueue: true });
  }

  async epochOf(contract: JobContract): Promise<string> {
    const key = this.#keyOf(contract, 'epoch');
    await answerInTime(this.#redis.set(key, randomUUID(), 'NX'));
    return (await answerInTime(this.#redis.get(key))) ?? '';
  }

  async wasChecked(contract: JobContract, epoch: string): Promise<boolean> {
    return (await answerInTime(this.#redis.get(this.#keyOf(contract, 'checked')))) === epoch;
  }

  async noteChecked(contract: JobContract, epoch: string): Promise<void> {
    await answerInTime(this.#redis.set(this.#keyOf(contract, 'checked'), epoch));
  }

  close(): Promise<void> {
    this.#redis.disconnect();
    return Promise.resolve();
  }

  #keyOf({ queue }: JobContract, name: string): string {
    return `${prefixOf(queue, this.settings)}:${name}`;
  }
}

const LATE = Symbol('late');

/** @throws AppError `unavailable` when the queue fails or does not answer in time. */
export async function answerInTime<Result>(asking: Promise<Result>): Promise<Result> {
  const result = await within(asking, QUEUE_ANSWER_TIMEOUT_MS, LATE).catch((cause: unknown) => {
    throw unanswered(cause);
  });
  if (result === LATE) throw unanswered(new Error('No answer'));
  return result;
}

const unanswered = (cause: unknown): AppError =>
  new AppError('unavailable', 'The queue cannot be asked right now.', {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
