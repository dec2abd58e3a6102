import { createHash } from 'node:crypto';

import type { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';

import { ARRANGE_JOBS, PLACED_AT_ONCE, UNPLACED } from './arrange-jobs.js';
import { FairOrder } from './fair-order.js';
import { prefixOf, type QueueSettings, redisOptions } from './queue-connection.js';

const SHA = createHash('sha1').update(ARRANGE_JOBS).digest('hex');

/** The order of every process together: kept beside the queue, and gone with it. */
export class RedisFairOrder extends FairOrder {
  readonly #redis: Redis;

  constructor(private readonly settings: QueueSettings) {
    super();
    const { url, ...options } = redisOptions({ ...settings, role: 'producer' });
    this.#redis = new Redis(url, options).on('error', () => undefined);
  }

  override priorities(_queue: Queue, accountIds: readonly string[]): Promise<readonly number[]> {
    return Promise.resolve(accountIds.map(() => UNPLACED));
  }

  override async arrange(queue: string): Promise<void> {
    try {
      while ((await this.#run(queue)) === PLACED_AT_ONCE);
    } catch {
      // Whoever comes next places these too.
    }
  }

  /** What is delayed for long would else come back to a place that was served long ago: ten thousand before all others. */
  override async leave(job: Job): Promise<void> {
    await job.changePriority({ priority: UNPLACED }).catch(() => undefined);
  }

  override async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }

  async #run(queue: string): Promise<unknown> {
    const base = `${prefixOf(queue, this.settings)}:${queue}:`;
    const given = [`${base}fair-order`, `${base}prioritized`, base] as const;
    try {
      return await this.#redis.evalsha(SHA, 2, ...given);
    } catch (error) {
      // A Redis that was started anew knows no scripts.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#redis.eval(ARRANGE_JOBS, 2, ...given);
    }
  }
}
