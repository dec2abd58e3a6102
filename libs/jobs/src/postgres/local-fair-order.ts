import type { Job, Queue } from 'bullmq';

import { accountOf, FairOrder, type NewJobs, UNPLACED } from '../fairness/fair-order.js';
import { LOCAL_ORDER_MAX_AGE_MS } from '../policy.js';

interface QueueOrder {
  /** The last place of each account. */
  readonly lastPlaces: Map<string, number>;
  /** The place that is served now. */
  servedPlace: number;
  readAt: number;
  /** Calls whose places are given and whose jobs may not be in the queue yet. */
  adding: number;
}

/**
 * The fair order of a queue on Postgres, in the memory of a laptop's one gateway. A delayed job comes back behind all waiting
 * jobs: with its old place, an account whose jobs are delayed again and again would stay before all others.
 */
export class LocalFairOrder extends FairOrder {
  readonly #orders = new Map<string, QueueOrder>();

  override async add(queue: Queue, { name, options, jobs }: NewJobs): Promise<void> {
    const order = this.#orderOf(queue.name);
    order.adding += 1;
    try {
      await this.#readServedPlace(queue, order).catch(() => undefined);
      await queue.addBulk(
        jobs.map(({ id, data }) => {
          const priority = nextPlace(order, accountOf(data));
          return { name, data, opts: { ...options, jobId: id, priority } };
        }),
      );
    } finally {
      order.adding -= 1;
    }
  }

  override arrange(): Promise<void> {
    return Promise.resolve();
  }

  override async leave(job: Job): Promise<void> {
    await job.changePriority({ priority: UNPLACED }).catch(() => undefined);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  #orderOf(queue: string): QueueOrder {
    const known = this.#orders.get(queue);
    if (known) return known;
    const order: QueueOrder = {
      lastPlaces: new Map(),
      servedPlace: 1,
      readAt: 0,
      adding: 0,
    };
    this.#orders.set(queue, order);
    return order;
  }

  async #readServedPlace(queue: Queue, order: QueueOrder): Promise<void> {
    if (Date.now() - order.readAt < LOCAL_ORDER_MAX_AGE_MS) return;
    order.readAt = Date.now();
    const [first] = await queue.getJobs(['prioritized'], 0, 0, true);
    if (first && first.priority < UNPLACED) {
      order.servedPlace = Math.max(order.servedPlace, first.priority);
      for (const [accountId, last] of order.lastPlaces)
        if (last < order.servedPlace) order.lastPlaces.delete(accountId);
    } else if (order.adding === 1) {
      order.lastPlaces.clear();
      order.servedPlace = 1;
    }
  }
}

function nextPlace(order: QueueOrder, accountId: string): number {
  const behindLast = (order.lastPlaces.get(accountId) ?? 0) + 1;
  const place = Math.min(Math.max(order.servedPlace, behindLast), UNPLACED - 1);
  order.lastPlaces.set(accountId, place);
  return place;
}
