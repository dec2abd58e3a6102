import { createHash } from 'node:crypto';

import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

import { type QueueSettings, prefixOf } from '../connection/queue-settings.js';
import { connectRedis, quitRedis } from '../connection/redis-connection.js';
import { ADD_SCRIPT, argumentsOf } from './add-jobs.js';
import { ARRANGE_JOBS, ARRANGED_AT_ONCE } from './arrange-jobs.js';
import { FairOrder, type NewJobs, UNPLACED } from './fair-order.js';

const SHA = createHash('sha1').update(ARRANGE_JOBS).digest('hex');

/** One order for all processes. Its places are kept in Redis beside the queue, and are lost with it. */
export class RedisFairOrder extends FairOrder {
  readonly #redis: Redis;
  /** Connections that know the script. Defined again, it would be sent again with its whole text. */
  readonly #defined = new WeakSet<object>();

  constructor(private readonly settings: QueueSettings) {
    super();
    this.#redis = connectRedis(settings, 'producer');
  }

  /**
   * On the queue's own connection, so that a job is added before the same process removes it. All runs of the script are sent
   * at once, and none is on its way any more when this rejects.
   */
  override async add(queue: Queue, added: NewJobs): Promise<void> {
    const client = await queue.getBackend().connection.client;
    if (!this.#defined.has(client)) {
      this.#defined.add(client);
      client.defineCommand(ADD_SCRIPT.name, ADD_SCRIPT.definition);
    }
    const runs = argumentsOf(queue.keys, this.#placesOf(queue.name), added);
    const results = await Promise.allSettled(
      runs.map((run): Promise<unknown> => client.runCommand(ADD_SCRIPT.name, [...run])),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    // Not awaited: jobs that came back from a delay get their places, which the added jobs have.
    if (results.some((result) => result.status === 'fulfilled' && result.value === 1))
      void this.arrange(queue.name);
  }

  override async arrange(queue: string): Promise<void> {
    try {
      while ((await this.#arrangeSome(queue)) === ARRANGED_AT_ONCE);
    } catch {
      // The next call, from any process, places these jobs too.
    }
  }

  /** Sets the priority to UNPLACED: with its old place, a job would come back before all jobs that arrived during its delay. */
  override async leave(job: Job): Promise<void> {
    await job.changePriority({ priority: UNPLACED }).catch(() => undefined);
  }

  override close(): Promise<void> {
    return quitRedis(this.#redis);
  }

  async #arrangeSome(queue: string): Promise<unknown> {
    const base = this.#baseOf(queue);
    const given = [this.#placesOf(queue), `${base}prioritized`, base] as const;
    try {
      return await this.#redis.evalsha(SHA, 2, ...given);
    } catch (error) {
      // A restarted Redis has lost its script cache.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#redis.eval(ARRANGE_JOBS, 2, ...given);
    }
  }

  #baseOf(queue: string): string {
    return `${prefixOf(queue, this.settings)}:${queue}:`;
  }

  #placesOf(queue: string): string {
    return `${this.#baseOf(queue)}fair-order`;
  }
}
