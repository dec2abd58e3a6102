import type { ErrorCode, Failure } from '@app/errors';

import type { Job } from 'bullmq';

import type { Reply } from './reply.js';

/** What BullMQ hands to a processor. */
export interface ActiveJob {
  readonly job: Job;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One attempt at a job, as a processor sees it: the work, and what its end does to the row. */
export interface Attempt<Outcome> {
  /** Whether somebody waits in the same call right now: then a failure is final at once, because who waits may ask again. */
  isWaitedFor(): Promise<boolean>;
  /** No attempt begins after it. */
  readonly deadlineAt: Date;
  /** How often the job has begun, this time included. Default: once. */
  readonly begun?: number;
  /** A job that has lost its worker this often is given up. Default: three times. */
  readonly mostStalls?: number;
  /** False: it ends well whatever becomes of its caller's key, so refused keys do not hold it up. */
  readonly triesKey?: boolean;
  /** Gives up when `signal` aborts. */
  work(signal: AbortSignal): Promise<Outcome>;
  /** Each of the next three is one guarded change of the row. Undefined or false: another attempt owns it. */
  complete(outcome: Outcome): Promise<Reply | undefined>;
  fail(failure: Failure): Promise<Reply | undefined>;
  handBack(): Promise<boolean>;
}

/** The ids that every payload carries for logs and traces. */
export interface JobIds {
  readonly requestId: string;
  readonly jobId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Who counts and names what the attempts of a worker come to. */
export interface JobObserver {
  /** Runs `work` so that its log lines carry these ids. */
  within<Result>(queue: string, ids: JobIds, work: () => Promise<Result>): Promise<Result>;
  ended(queue: string, outcome: 'succeeded' | 'cancelled' | ErrorCode): void;
  retried(queue: string, code: ErrorCode): void;
}
