import { AppError } from '@app/errors';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';

/** A provider that says "now" again and again must not be asked in a circle. */
const SHORTEST_WAIT_MS = 1_000;

/**
 * Takes the sealed envelope out of a job before it ends. Ending order, always: row → wipe → reply → return.
 * Only who still owns the row may call it: the data of a job has no other guard.
 */
export async function wipeSealed(job: Job): Promise<void> {
  const { sealed, ...rest } = job.data as { readonly sealed?: string };
  if (sealed !== undefined) await job.updateData(rest);
}

/** The job has failed for good. Only the code goes into the queue; the problem is in the row. */
export function finalFailure(error: unknown): UnrecoverableError {
  return new UnrecoverableError(codeOf(error));
}

/**
 * The job is to run again. The caller throws what comes back.
 * A provider that named a time is waited for without a spent attempt, and without stalling other callers' jobs.
 */
export async function retryLater(
  job: Job,
  token: string | undefined,
  error: unknown,
): Promise<Error> {
  if (!(error instanceof AppError) || error.retryAfterMs === undefined)
    return new Error(codeOf(error));
  await job.moveToDelayed(Date.now() + Math.max(error.retryAfterMs, SHORTEST_WAIT_MS), token);
  return new DelayedError();
}

/** Hands the job to another worker now, its key intact and no attempt spent. The caller throws what comes back. */
export async function handBack(job: Job, token: string | undefined): Promise<Error> {
  await job.moveToWait(token);
  return new WaitingError();
}

/** True when the queue would not run the job again after this failure. */
export function isLastAttempt(job: Job): boolean {
  return job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'internal';
}
