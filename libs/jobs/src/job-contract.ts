import type { JobsOptions } from 'bullmq';
import type { z } from 'zod';

/** Queue, name, payload and retry policy of one kind of job: all that a producer and a processor share. */
export interface JobContract<Payload extends z.ZodType = z.ZodType> {
  readonly queue: string;
  readonly name: string;
  /** The newest that this program reads: `v` in every payload. Raised with each change that an older worker would misread. */
  readonly version: number;
  readonly payload: Payload;
  /** What an `answer` reply carries. Absent: the result is in the row, and a reply carries none. */
  readonly reply?: z.ZodType;
  readonly options: JobsOptions;
}

export type PayloadOf<Contract extends JobContract> = z.output<Contract['payload']>;

export function defineJob<const Contract extends JobContract>(contract: Contract): Contract {
  return contract;
}

/** `:` is the queue's own separator and may not stand in a job id. */
export function jobIdOf(id: string, run: number): string {
  return `${id}.${run}`;
}

/**
 * Retry policy of every job that may carry a sealed key. A completed job's data goes in the script that completes it;
 * failed ones are wiped first, and kept so that Bull Board shows them. No stack traces: they quote.
 */
export const SEALED_JOB_OPTIONS = {
  attempts: 9,
  backoff: { type: 'exponential', delay: 10_000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: { count: 5_000 },
  stackTraceLimit: 0,
} as const satisfies JobsOptions;
