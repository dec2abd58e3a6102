import { AppError, type Failure } from '@app/errors';
import type { Job } from 'bullmq';
import { z } from 'zod';

import type { ActiveJob } from './attempt.js';
import type { FairOrder } from './fair-order.js';
import type { JobContract } from './job-contract.js';
import { putBack } from './settle-failure.js';

/** While a fleet is rolled, an old worker meets the jobs of a new gateway. */
const NEWER_RESTS_MS = 5_000;
/** As long as a job may take at all: by then no newer worker is to be expected. */
const NEWER_WAITS_MS = 3_600_000;

const versioned = z.object({ v: z.int() });
const JOB_ID = /^(?<id>[0-9a-f-]{36})\.(?<run>\d{1,9})$/;

export const UNREADABLE = new AppError(
  'internal',
  'The queue held something else than this job. It was not run; retry it.',
);

/** Ends the row of a job that nobody can run. @returns false when there is no such row, or it has ended. */
export type EndRow = (id: string, run: number, failure: Failure) => Promise<boolean>;

/** Whether a newer version of this program made the job, not long ago: one may come that can read it. */
export function isOfNewerVersion({ version }: JobContract, { data, timestamp }: Job): boolean {
  const read = versioned.safeParse(data);
  return read.success && read.data.v > version && Date.now() - timestamp < NEWER_WAITS_MS;
}

/** Not destroyed and no attempt spent: it comes back, to whichever worker is free then. The caller throws what comes back. */
export async function leaveToNewer(active: ActiveJob, order: FairOrder): Promise<Error> {
  return putBack(active, NEWER_RESTS_MS, order).catch(() => new Error('unavailable'));
}

/** What a job says of itself although its payload cannot be read: whose row it is by its id, and who waits. */
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
