import type { WorkerOptions } from 'bullmq';

/** A worker that is not heard of for so long has lost its jobs. */
export const LOCK_MS = 15_000;

/**
 * Only a processor ends a job. BullMQ fails a job that stalled too often without running its processor, its sealed key
 * still in it: so that limit is out of reach, and the processor settles such a job itself.
 */
export const WORKER_OPTIONS = {
  maxStalledCount: 1_000_000,
  lockDuration: LOCK_MS,
  // A worker that died is noticed within half a minute. One that only slept finds on waking that its attempt is not its own.
  stalledInterval: 10_000,
} as const satisfies Partial<WorkerOptions>;
