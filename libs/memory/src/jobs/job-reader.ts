import type { Scope } from '../memories/memory-store.js';
import type { JobState, ListedKind, StoredJob, WriteJob } from './job.js';

export interface ListJobs {
  readonly scope: Scope;
  readonly state?: JobState | undefined;
  readonly kind?: ListedKind | undefined;
  readonly limit: number;
  /** The last job of the page before. */
  readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
}

/** One page of a list of jobs. */
export interface JobPage {
  readonly jobs: readonly StoredJob[];
  /** Whether more jobs follow this page. */
  readonly hasMore: boolean;
}

/** Reads the rows of jobs, and changes none. */
export abstract class JobReader {
  /** @param kind if it is known, only the jobs of this kind are searched. */
  abstract find(
    accountId: string,
    jobId: string,
    kind?: ListedKind,
  ): Promise<StoredJob | undefined>;
  /** Finds a job of any account: only for the operator. */
  abstract findOfAnyone(jobId: string): Promise<StoredJob | undefined>;
  /** Newest first by `createdAt`, then id; at most `limit`, and fewer where one answer has no room for all their bytes. */
  abstract list(request: ListJobs, signal?: AbortSignal): Promise<JobPage>;
  /** The request of a write as its row keeps it; null once it was erased. */
  abstract textOf(write: WriteJob): Promise<unknown>;
  /** Whether a caller still waits for the result of this write in the call that sent it. */
  abstract isWaitedFor(writeId: string): Promise<boolean>;
  /** The time by the clock of the store: the clock of a process may be wrong. */
  abstract now(): Promise<Date>;
}
