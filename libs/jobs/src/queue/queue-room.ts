import { AppError } from '@app/errors';
import type { Queue } from 'bullmq';

import type { JobContract } from '../contracts/job-contract.js';
import {
  QUEUE_DEPTH_MAX_AGE_MS,
  QUEUE_DEPTH_TIMEOUT_MS,
  QUEUE_DEPTH_USABLE_MS,
  RETRY_AFTER_MS,
} from '../policy.js';
import { queueOf } from './job-producer.js';
import { within } from '../backend/within.js';

const STATES = ['wait', 'prioritized', 'active', 'delayed'] as const;

interface QueueDepth {
  depth: number;
  measuredAt: number;
  measuring: Promise<void> | undefined;
}

/** Bounds the depth of each queue: beyond it callers get 503 before Redis runs out of memory. */
export class QueueRoom {
  readonly #depths = new Map<string, QueueDepth>();

  constructor(
    private readonly queues: readonly Queue[],
    private readonly maxDepth: number,
  ) {}

  /**
   * Admits `count` jobs. Call it before anything is durable. Between two measurements the admitted jobs are added to the
   * last depth. A call waits for a measurement only when the last depth is too old, or would refuse it.
   * @throws AppError `unavailable` when they do not all fit; then none is admitted.
   */
  async take(contract: Pick<JobContract, 'queue'>, count = 1): Promise<void> {
    const queue = queueOf(contract, this.queues);
    const seen = this.#depthOf(queue.name);
    const age = Date.now() - seen.measuredAt;
    if (age >= QUEUE_DEPTH_MAX_AGE_MS) {
      seen.measuring ??= measure(queue, seen);
      if (age >= QUEUE_DEPTH_USABLE_MS || seen.depth + count > this.maxDepth) await seen.measuring;
    }
    if (seen.depth + count > this.maxDepth) throw full();
    seen.depth += count;
  }

  #depthOf(name: string): QueueDepth {
    const known = this.#depths.get(name);
    if (known) return known;
    const depth: QueueDepth = { depth: 0, measuredAt: 0, measuring: undefined };
    this.#depths.set(name, depth);
    return depth;
  }
}

/** A queue that does not answer counts as empty: adding the job then fails with the real reason. */
async function measure(queue: Queue, seen: QueueDepth): Promise<void> {
  const before = seen.depth;
  const counting = queue.getJobCounts(...STATES).catch(() => undefined);
  const counts = await within(counting, QUEUE_DEPTH_TIMEOUT_MS, undefined);
  // A job that was admitted meanwhile may not be in the queue yet.
  const admitted = seen.depth - before;
  seen.depth = Object.values(counts ?? {}).reduce((sum, jobs) => sum + jobs, admitted);
  seen.measuredAt = Date.now();
  seen.measuring = undefined;
}

const full = (): AppError =>
  new AppError('unavailable', 'The queue is full. Nothing was accepted; try again later.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
