import type { ErrorCode, Failure } from '@app/errors';
import type { Reply } from '@app/jobs';
import { LOCK_MS } from '@app/jobs/policy';
import type { Job } from 'bullmq';

/** The arguments that BullMQ passes to a processor. */
export interface ActiveJob {
  readonly job: Job;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One attempt at a job as a processor defines it: the work, and the changes that end it in the row. */
export interface Attempt<Outcome> {
  /** Whether a caller waits for the job in the same call. A failure is final then, because the caller can repeat the call. */
  isWaitedFor(): Promise<boolean>;
  /** A failure after this time is final. */
  readonly deadlineAt: Date;
  /** Number of attempts begun, this one included. Default: 1. */
  readonly begun?: number;
  /** Number of lost workers after which the job is failed. Default: MAX_STALLS. */
  readonly mostStalls?: number;
  /** False: the job succeeds even if the caller's key is rejected, so a limit on rejected keys must not delay it. */
  readonly triesKey?: boolean;
  /** Stops when `signal` aborts. */
  work(signal: AbortSignal): Promise<Outcome>;
  /** Each of the next three is one guarded UPDATE of the row. Undefined or false: another attempt owns the row. */
  complete(outcome: Outcome): Promise<Reply | undefined>;
  fail(failure: Failure): Promise<Reply | undefined>;
  handBack(): Promise<boolean>;
}

/** The ids that logs and traces need. Every payload has them. */
export interface JobIds {
  readonly requestId: string;
  readonly jobId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Counts the outcomes of a worker's attempts, and gives their log lines their ids. */
export interface JobObserver {
  within<Result>(queue: string, ids: JobIds, work: () => Promise<Result>): Promise<Result>;
  ended(queue: string, outcome: 'succeeded' | 'cancelled' | ErrorCode): void;
  retried(queue: string, code: ErrorCode): void;
}

/** Whether this worker still holds the job's lock. Renews the lock if so. */
export async function isStillHeld(job: Job, token: string | undefined): Promise<boolean> {
  return token !== undefined && (await job.extendLock(token, LOCK_MS)) === 1;
}

/** An attempt without a row: its end is guarded by the job's lock, because no UPDATE can guard it. */
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
