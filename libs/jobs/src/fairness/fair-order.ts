import type { Job, JobsOptions, Queue } from 'bullmq';

/** Priority of a job that has no place yet: behind all that have one. The largest priority whose score is exact. */
export const UNPLACED = 2_097_151;

/** Jobs of one contract that are not in the queue yet. The queue ignores a job whose id it knows. */
export interface NewJobs {
  readonly name: string;
  readonly options: JobsOptions;
  readonly jobs: readonly { readonly id: string; readonly data: unknown }[];
}

/**
 * The order in which jobs are served: one account after the other, and each account's own jobs in the order of their
 * arrival. An account that adds ten thousand jobs delays another account's single job by a few places only. Only `add` may
 * reject: a failure to keep the order must not fail a job that is in the queue.
 */
export abstract class FairOrder {
  /** Adds jobs to the queue at their places. If it rejects, some of the jobs may have been added. */
  abstract add(queue: Queue, added: NewJobs): Promise<void>;
  /** Gives a place to every job that waits without one. */
  abstract arrange(queue: string): Promise<void>;
  /** Removes the place of a job that is about to be delayed: when its delay ends, the job comes back without a place. */
  abstract leave(job: Job): Promise<void>;
  abstract close(): Promise<void>;
}

/** The account of a job's payload. Jobs without an account id are served as if they had one account. */
export function accountOf(data: unknown): string {
  const { accountId } = (data ?? {}) as { readonly accountId?: unknown };
  return typeof accountId === 'string' ? accountId : 'unknown';
}
