import type { WorkerOptions } from 'bullmq';

/**
 * Only a processor ends a job. BullMQ fails a job that stalled too often without running its processor, its sealed key
 * still in it: so that limit is out of reach, and the processor settles such a job itself.
 */
export const WORKER_OPTIONS = {
  maxStalledCount: 1_000_000,
  // A worker that died is noticed within half a minute. One that only slept finds on waking that its attempt is not its own.
  lockDuration: 15_000,
  stalledInterval: 10_000,
} as const satisfies Partial<WorkerOptions>;
