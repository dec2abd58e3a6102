import { AppError } from '@app/errors';
import type { Queue } from 'bullmq';

import type { JobContract } from './job-contract.js';

/** Between two looks the jobs that were let in are counted: nobody pays a round trip of their own. */
const LOOK_EVERY_MS = 250;
/** A queue that does not answer is not full: whoever adds to it hears what is wrong. */
const ANSWERS_WITHIN_MS = 500;
const RETRY_AFTER_MS = 5_000;
const STATES = ['wait', 'prioritized', 'active', 'delayed'] as const;

interface Seen {
  depth: number;
  at: number;
  looking: Promise<void> | undefined;
}

/** How much each queue may still take: beyond, callers hear 503 before Redis runs out of memory. */
export class QueueRoom {
  readonly #seen = new Map<string, Seen>();

  constructor(
    private readonly queues: readonly Queue[],
    private readonly maxDepth: number,
  ) {}

  /**
   * Lets so many jobs in. To be asked before anything is durable.
   * @throws AppError `unavailable` when they do not fit; then none of them is let in.
   */
  async take({ queue: name }: JobContract, count = 1): Promise<void> {
    const queue = this.queues.find((one) => one.name === name);
    if (!queue) throw new Error(`No queue is called ${name}`);
    const seen = this.#seenOf(name);
    if (Date.now() - seen.at >= LOOK_EVERY_MS) await (seen.looking ??= look(queue, seen));
    if (seen.depth + count > this.maxDepth) throw full();
    seen.depth += count;
  }

  #seenOf(name: string): Seen {
    const known = this.#seen.get(name);
    if (known) return known;
    const seen: Seen = { depth: 0, at: 0, looking: undefined };
    this.#seen.set(name, seen);
    return seen;
  }
}

async function look(queue: Queue, seen: Seen): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ANSWERS_WITHIN_MS);
  const counting = queue.getJobCounts(...STATES).catch(() => undefined);
  const counts = await Promise.race([counting, late.promise]);
  clearTimeout(timer);
  seen.depth = Object.values(counts ?? {}).reduce((sum, jobs) => sum + jobs, 0);
  seen.at = Date.now();
  seen.looking = undefined;
}

const full = (): AppError =>
  new AppError(
    'unavailable',
    'More is waiting to be worked on than can be taken. Nothing was accepted; try again.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
