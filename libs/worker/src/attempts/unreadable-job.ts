import { AppError, type Failure } from '@app/errors';
import type { FairOrder, JobContract } from '@app/jobs';
import { NEWER_JOB_DELAY_MS, NEWER_JOB_MAX_AGE_MS } from '@app/jobs/policy';
import type { Job } from 'bullmq';
import { z } from 'zod';

import type { ActiveJob } from './attempt.js';
import { putBack } from './settle.js';

const versioned = z.object({ v: z.int() });
const JOB_ID = /^(?<id>[0-9a-f-]{36})\.(?<run>\d{1,9})$/;

export const UNREADABLE = new AppError(
  'internal',
  'The payload of this job could not be read. The job was not run; retry it.',
);

/** Fails the row of a job whose payload cannot be read. @returns false when there is no such row, or it has ended. */
export type EndRow = (id: string, run: number, failure: Failure) => Promise<boolean>;

/** Whether a newer version of this program made the job recently. A newer worker may then be about to start. */
export function isOfNewerVersion({ version }: JobContract, { data, timestamp }: Job): boolean {
  const read = versioned.safeParse(data);
  return read.success && read.data.v > version && Date.now() - timestamp < NEWER_JOB_MAX_AGE_MS;
}

/**
 * Leaves a job to a newer worker: it is delayed, and no attempt is spent.
 * @returns the error that the processor must throw.
 */
export async function leaveToNewerWorker(active: ActiveJob, order: FairOrder): Promise<Error> {
  return putBack(active, NEWER_JOB_DELAY_MS, order).catch(() => new Error('unavailable'));
}

/** The parts of an unreadable job that can be trusted: its row's id and run, which are in the job id, and `replyTo`. */
export function rowOf({ id, data }: Job): {
  readonly row: { readonly id: string; readonly run: number } | undefined;
  readonly replyTo: string | undefined;
} {
  const named = JOB_ID.exec(id ?? '')?.groups;
  const { replyTo } = (data ?? {}) as { readonly replyTo?: unknown };
  return {
    row: named && { id: named['id'] ?? '', run: Number(named['run']) },
    replyTo: typeof replyTo === 'string' ? replyTo : undefined,
  };
}
