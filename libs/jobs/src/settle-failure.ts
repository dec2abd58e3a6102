import { AppError } from '@app/errors';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';

import type { ActiveJob, Attempt } from './attempt.js';
import type { FairOrder } from './fair-order.js';
import { LOCK_MS } from './worker-options.js';

const SHORTEST_WAIT_MS = 1_000;
const LONGEST_FLOOR_MS = 60_000;
/** A rate limit that is real has passed by then, or names a longer wait. */
const SHORT_WAITS = 10;
/** The smallest priority that there is. */
const FIRST = 1;

/**
 * Takes the sealed envelope out of a job before it ends. Ending order, always: row → wipe → reply → return.
 * Only who still owns the row may call it: the data of a job has no other guard.
 */
export async function wipeSealed(job: Job): Promise<void> {
  const { sealed, ...rest } = (job.data ?? {}) as { readonly sealed?: string };
  if (sealed !== undefined) await job.updateData(rest);
}

/** The job has failed for good. Only the code goes into the queue; the problem is in the row. */
export function finalFailure(error: unknown): UnrecoverableError {
  return new UnrecoverableError(codeOf(error));
}

/**
 * The least that a job waits, whatever its provider asks for. A provider that says "in a second" again and again would be
 * asked every second until the job's deadline: after ten times the wait doubles, up to a minute.
 * @param begun how often the job has begun.
 */
export const shortestWaitMs = (begun: number): number =>
  Math.min(LONGEST_FLOOR_MS, SHORTEST_WAIT_MS * 2 ** Math.max(0, begun - SHORT_WAITS));

/**
 * The job is to run again. The caller throws what comes back.
 * A provider that named a time is waited for without a spent attempt, and without stalling other callers' jobs.
 */
export async function retryLater(
  { job, token }: ActiveJob,
  error: unknown,
  order: FairOrder,
  begun = 1,
): Promise<Error> {
  await order.leave(job);
  if (!(error instanceof AppError) || error.retryAfterMs === undefined)
    return new Error(codeOf(error));
  const waitMs = Math.max(error.retryAfterMs, shortestWaitMs(begun));
  await job.moveToDelayed(Date.now() + waitMs, token);
  return new DelayedError();
}

/**
 * Hands the job to another worker now, its key intact and no attempt spent. The caller throws what comes back.
 * Its turn had come already: it goes before all others. Only being put there anew wakes a worker that has nothing to do.
 */
export async function handBack(job: Job, token: string | undefined): Promise<Error> {
  await job.moveToWait(token);
  await job.changePriority({ priority: FIRST }).catch(() => undefined);
  return new WaitingError();
}

/**
 * Puts a job that has not begun back into the queue for `restMs`, its key intact and no attempt spent. The caller throws
 * what comes back. @throws when the queue does not take it.
 */
export async function putBack(
  { job, token }: ActiveJob,
  restMs: number,
  order: FairOrder,
): Promise<Error> {
  await order.leave(job);
  await job.moveToDelayed(Date.now() + restMs, token);
  return new DelayedError();
}

/** Whether this worker holds the job still; if so, for the length of one more lock. */
export async function isStillHeld(job: Job, token: string | undefined): Promise<boolean> {
  return token !== undefined && (await job.extendLock(token, LOCK_MS)) === 1;
}

/** An attempt without a row: only the lock tells whose the job is. */
export function guardedByLock<Outcome>(
  { job, token }: ActiveJob,
  attempt: Attempt<Outcome>,
): Attempt<Outcome> {
  const ifHeld = async <Result>(change: () => Promise<Result>): Promise<Result | undefined> =>
    (await isStillHeld(job, token)) ? change() : undefined;
  return {
    ...attempt,
    complete: (outcome) => ifHeld(() => attempt.complete(outcome)),
    fail: (failure) => ifHeld(() => attempt.fail(failure)),
    handBack: async () => (await ifHeld(() => attempt.handBack())) ?? false,
  };
}

/** True when the queue would not run the job again after this failure. */
export function isLastAttempt(job: Job): boolean {
  return job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'internal';
}
