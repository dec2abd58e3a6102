import type { AppError, Failure } from '@app/errors';

import type { Answer, NewQuery, QueryClaim } from '../queries/query.js';
import type { LlmAccount } from '../spending.js';
import type {
  ExtractedFacts,
  NewWrite,
  Remembered,
  RememberedWrite,
  WriteClaim,
} from '../writes/write-job.js';
import type { JobKind, RunnableJob } from './job.js';

/** The types of each kind of job: its request, its claim and its result. */
export interface JobTypes extends Record<JobKind, unknown> {
  readonly write: {
    readonly accepted: NewWrite;
    readonly claim: WriteClaim;
    readonly result: ExtractedFacts;
  };
  readonly query: {
    readonly accepted: NewQuery;
    readonly claim: QueryClaim;
    readonly result: Answer;
  };
}

/** One run of a job. When a later run has replaced it, its transitions match no row. */
export interface JobRun {
  readonly id: string;
  readonly run: number;
}

/** A run that one attempt has claimed. The guard of every later transition of the attempt compares all three fields. */
export interface JobAttempt extends JobRun {
  readonly attempt: number;
}

/** A job that succeeded, with the result of its attempt. */
export interface SucceededJob<Kind extends JobKind> {
  readonly claim: JobTypes[Kind]['claim'];
  readonly result: JobTypes[Kind]['result'];
}

/** The number of memories that a success added to the store. A query stores none. */
export interface StoredResult {
  /** Does not count facts that a current memory already holds. */
  readonly memoriesStored: number;
}

export interface FailedJob {
  /** With `attempt`, only that attempt can fail the job. Without it, upkeep fails the run, even if an attempt owns it. */
  readonly job: JobRun & Partial<JobAttempt>;
  readonly failure: Failure;
}

/** The fields of the row that a new run of a failed job changes. */
export interface NewRun extends Pick<NewWrite, 'audit' | 'waiting' | 'deadlineAt' | 'requestId'> {
  readonly llmAccount: LlmAccount;
}

/** A job that is `queued` or `running`. Milliseconds are by the clock of the store: the clock of a process may be wrong. */
export interface UnfinishedJob extends JobRun {
  readonly accountId: string;
  readonly llmAccount: LlmAccount;
  readonly requestId: string;
  /** Milliseconds since the job was accepted. */
  readonly ageMs: number;
  /** Milliseconds since its deadline; negative before it. */
  readonly overdueMs: number;
  /** The job cannot run without the caller's key, which is only in the queue. */
  readonly needsKey: boolean;
}

/**
 * The transitions of a job's state: docs/architecture.md has them as a table. Most take a list that names a job at most
 * once, and return one answer for each job, in the order of the list. A transition is guarded by the state that the row must
 * have: a row in another state stays as it is, and its answer says so (`false` or `undefined`).
 */
export abstract class JobLifecycle {
  /**
   * New → queued. Writes are counted against the quota of their account in the same statement; where the quota ends within
   * the list, the first writes of an account are accepted. Resolves when the rows are committed.
   * @returns the error of each refused job; undefined: the row of the job is durable.
   */
  abstract accept<Kind extends JobKind>(
    kind: Kind,
    jobs: readonly JobTypes[Kind]['accepted'][],
  ): Promise<readonly (AppError | undefined)[]>;

  /**
   * New → succeeded, for content that needs no model: counts the write and stores its memory, version and audit event in
   * one transaction. @throws AppError `quota_exceeded`
   */
  abstract remember(write: RememberedWrite): Promise<Remembered>;

  /**
   * queued or running → running, attempt + 1. A crash of the store may forget a claim; the attempt still owns the job then.
   * Undefined: the job ended, was erased, or has another run.
   */
  abstract claim<Kind extends JobKind>(
    kind: Kind,
    runs: readonly JobRun[],
  ): Promise<readonly (JobTypes[Kind]['claim'] | undefined)[]>;

  /**
   * running → succeeded. Stores the result, its spending, and for a write its facts, turns, versions and audit events, and
   * erases the text of the write. Each job has an outcome of its own, though many may be stored in one transaction.
   * @returns undefined: another attempt owns the job, and nothing was stored. Rejected: nothing was stored, and it can be tried again.
   */
  abstract succeed<Kind extends JobKind>(
    kind: Kind,
    jobs: readonly SucceededJob<Kind>[],
  ): Promise<readonly PromiseSettledResult<StoredResult | undefined>[]>;

  /**
   * running → failed; without `attempt`, queued or running → failed. The text is kept for another run, except that of a
   * write in its first run whose caller waits for it: that caller has the text and gets the failure in the same call.
   */
  abstract fail(kind: JobKind, jobs: readonly FailedJob[]): Promise<readonly boolean[]>;

  /** running → queued, for another worker or a later attempt. */
  abstract handBack(kind: JobKind, attempts: readonly JobAttempt[]): Promise<readonly boolean[]>;

  /**
   * queued → failed, for a job that the queue did not take. In its first run the caller got no job id: the text is erased
   * and a write is no longer counted. A later run keeps both.
   */
  abstract withdraw(
    kind: JobKind,
    jobs: readonly { readonly id: string; readonly failure: Failure }[],
  ): Promise<readonly boolean[]>;

  /** queued or running → cancelled, the text erased. @returns the run that was cancelled. Undefined: the job had ended. */
  abstract cancel(
    kind: JobKind,
    jobs: readonly { readonly id: string; readonly accountId: string }[],
  ): Promise<readonly (number | undefined)[]>;

  /** failed → queued, run + 1. @returns the new run. Undefined: the job changed since it was read, or its text is gone. */
  abstract runAgain(
    kind: JobKind,
    jobs: readonly {
      readonly job: Pick<RunnableJob, 'id' | 'accountId' | 'run'>;
      readonly again: NewRun;
    }[],
  ): Promise<readonly (number | undefined)[]>;

  /**
   * queued or running → queued, run + 1, for jobs that the queue has lost.
   * @returns each with its new run: only those may be enqueued. Undefined: the job ended or was run again since it was read.
   */
  abstract requeue(
    kind: JobKind,
    runs: readonly JobRun[],
  ): Promise<readonly (UnfinishedJob | undefined)[]>;

  /**
   * Takes unfinished jobs whose next check is before `until`, earliest first, and moves that check to CHECK_INTERVAL_MS from
   * now. To take every unfinished job once, repeat the call with one `until`, CHECK_INTERVAL_MS ahead of the store's clock,
   * until a batch is shorter than `limit`. Rows that another transaction has locked are left out.
   */
  abstract takeDue(kind: JobKind, until: Date, limit: number): Promise<readonly UnfinishedJob[]>;

  /** Records that the callers of these writes stopped waiting: from now on a failure may be retried. */
  abstract stopWaiting(writeIds: readonly string[]): Promise<void>;

  /** Deletes rows that ended 24 hours ago, or 7 days ago if they failed. @returns how many, at most `limit`. */
  abstract expire(kind: JobKind, limit: number): Promise<number>;
}
