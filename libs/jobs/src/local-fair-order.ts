import type { Job, Queue } from 'bullmq';

import { UNPLACED } from './arrange-jobs.js';
import { FairOrder } from './fair-order.js';

/** An older answer to "what is served now" only favours whoever is new. */
const LOOK_EVERY_MS = 250;

interface Line {
  readonly lasts: Map<string, number>;
  now: number;
  lookedAt: number;
  /** Given to jobs that are being added, and not yet to be seen. */
  underWay: number;
}

/**
 * The same order where the queue is on Postgres: a laptop's one gateway keeps it to itself. A job that runs again stands
 * behind all that wait: with its old place, the jobs of one account that go back again and again would stay before the rest.
 */
export class LocalFairOrder extends FairOrder {
  readonly #lines = new Map<string, Line>();

  override async priorities(
    queue: Queue,
    accountIds: readonly string[],
  ): Promise<readonly number[]> {
    const line = this.#lineOf(queue.name);
    line.underWay += 1;
    await this.#look(queue, line).catch(() => undefined);
    return accountIds.map((accountId) => {
      const place = Math.min(
        Math.max(line.now, (line.lasts.get(accountId) ?? 0) + 1),
        UNPLACED - 1,
      );
      line.lasts.set(accountId, place);
      return place;
    });
  }

  override arrange(queue: string): Promise<void> {
    const line = this.#lineOf(queue);
    line.underWay = Math.max(0, line.underWay - 1);
    return Promise.resolve();
  }

  override async leave(job: Job): Promise<void> {
    await job.changePriority({ priority: UNPLACED }).catch(() => undefined);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  #lineOf(queue: string): Line {
    const known = this.#lines.get(queue);
    if (known) return known;
    const line: Line = { lasts: new Map(), now: 1, lookedAt: 0, underWay: 0 };
    this.#lines.set(queue, line);
    return line;
  }

  async #look(queue: Queue, line: Line): Promise<void> {
    if (Date.now() - line.lookedAt < LOOK_EVERY_MS) return;
    line.lookedAt = Date.now();
    const [first] = await queue.getJobs(['prioritized'], 0, 0, true);
    if (first && first.priority < UNPLACED) {
      line.now = Math.max(line.now, first.priority);
      for (const [accountId, last] of line.lasts) if (last < line.now) line.lasts.delete(accountId);
    } else if (line.underWay === 1) {
      line.lasts.clear();
      line.now = 1;
    }
  }
}
