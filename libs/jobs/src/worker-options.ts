import type { WorkerOptions } from 'bullmq';

/** A worker that is not heard of for so long has lost its jobs. */
export const LOCK_MS = 30_000;

/**
 * Only a processor ends a job. BullMQ fails a job that stalled too often without running its processor, its sealed key
 * still in it: so that limit is out of reach, and the processor settles such a job itself.
 */
export const WORKER_OPTIONS = {
  maxStalledCount: 1_000_000,
  lockDuration: LOCK_MS,
} as const satisfies Partial<WorkerOptions>;
