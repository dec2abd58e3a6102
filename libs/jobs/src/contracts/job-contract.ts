import type { Job, JobsOptions } from 'bullmq';
import { z } from 'zod';

import { ATTEMPTS, BACKOFF_JITTER, BACKOFF_MS, FAILED_JOBS_KEPT } from '../policy.js';

/** Queue, name, payload and retry policy of one kind of job: all that a producer and a processor share. */
export interface JobContract<Payload extends z.ZodType = z.ZodType> {
  readonly queue: string;
  readonly name: string;
  /** Newest payload version that this program reads. Raise it with each change that an older worker would misread. */
  readonly version: number;
  readonly payload: Payload;
  /** The schema of an `answer` reply. Absent: the result is in the row, and a reply carries none. */
  readonly reply?: z.ZodType;
  readonly options: JobsOptions;
}

export type PayloadOf<Contract extends JobContract> = z.output<Contract['payload']>;

export function defineJob<const Contract extends JobContract>(contract: Contract): Contract {
  return contract;
}

/**
 * Version 2 has the same fields: its envelopes are of a form that a worker of version 1 cannot open. Upkeep adds jobs without
 * an envelope, and these stay version 1.
 */
export const PAYLOAD_VERSIONS = z.literal([1, 2]);

/** The separator is not `:`, because BullMQ uses that one itself and refuses it in a job id. */
export function jobIdOf(id: string, run: number): string {
  return `${id}.${run}`;
}

/**
 * Retry policy of every job that may carry a sealed key. BullMQ deletes a completed job in the script that completes it;
 * a failed one is wiped first and kept for Bull Board. No stack traces are kept, because they quote error messages.
 */
export const SEALED_JOB_OPTIONS = {
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: BACKOFF_MS, jitter: BACKOFF_JITTER },
  removeOnComplete: true,
  removeOnFail: { count: FAILED_JOBS_KEPT },
  stackTraceLimit: 0,
} as const satisfies JobsOptions;

/**
 * Removes the sealed envelope from the data of a job. While the job runs, call it only from the attempt that owns the row:
 * the queue does not guard a job's data against a second worker.
 */
export async function wipeSealed(job: Job): Promise<void> {
  const { sealed, ...rest } = (job.data ?? {}) as { readonly sealed?: string };
  if (sealed !== undefined) await job.updateData(rest);
}
