import type { Failure } from '@app/errors';

import type { Scope } from '../memories/memory-store.js';
import type { Answer, Question } from '../queries/query-store.js';
import type { SupersessionOutcome } from '../supersession/comparison.js';
import type { DryRun } from '../writes/dry-run.js';
import type { LlmAccount } from '../writes/write.js';
import type { NewWrite } from '../writes/write-store.js';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Of which there is a list. */
export const LISTED_KINDS = ['write', 'query', 'erasure'] as const;
export type ListedKind = (typeof LISTED_KINDS)[number];

/** What a finished write left behind: ids and counts, and no text but that of a dry run. */
export interface WriteResult {
  readonly mode: 'content' | 'messages';
  readonly status: 'saved' | 'duplicate' | 'extracted' | 'dry_run';
  readonly tenantId: string | null;
  /** content mode: one id; messages mode: the memories that were stored, in the order of the facts. */
  readonly memoryIds: readonly string[];
  readonly extractedCount: number;
  /** One for each of memoryIds, in their order. */
  readonly autoSupersede: readonly SupersessionOutcome[];
  readonly extraction: {
    readonly provider: string;
    readonly model: string;
    readonly byoLlm: boolean;
    readonly promptVersion: string;
    readonly llmCalls: number;
    readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
    readonly note: string | null;
  } | null;
  /** Of a dry run alone: what would have been stored. The only text in a result, and so what an erasure takes out of it. */
  readonly dryRun?: DryRun | undefined;
}

interface JobFields {
  readonly id: string;
  readonly accountId: string;
  /** ALL_TENANTS for a query that was put to all of them, or an erasure of all of them. */
  readonly tenantId: string | null;
  readonly state: JobState;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly requestId: string;
  readonly failure: Failure | null;
}

/** What can be run again, and what that needs. */
interface RunFields extends JobFields {
  readonly run: number;
  /** Null for a write that needed no model. */
  readonly llmAccount: LlmAccount | null;
  /** Whether the text is still there that another run would need. */
  readonly textKept: boolean;
}

export interface WriteJob extends RunFields {
  readonly kind: 'write';
  readonly result: WriteResult | null;
}

export interface QueryJob extends RunFields {
  readonly kind: 'query';
  readonly question: Question;
  readonly result: Answer | null;
}

export interface ErasureJob extends JobFields {
  readonly kind: 'erasure';
  /** Memories; so far, while it runs. */
  readonly result: { readonly deletedCount: number };
}

/** What a worker does, and can do once more. */
export type RunnableJob = WriteJob | QueryJob;

export type StoredJob = RunnableJob | ErasureJob;

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
  /** Whether others follow. */
  readonly hasMore: boolean;
}

/** How a job that has failed is run once more. */
export interface NewRun extends Pick<NewWrite, 'audit' | 'waiting' | 'deadlineAt' | 'requestId'> {
  readonly llmAccount: LlmAccount;
}

/** The state of asynchronous work, as a caller may see and change it. Each change is one guarded statement. */
export abstract class JobStore {
  abstract find(accountId: string, jobId: string): Promise<StoredJob | undefined>;
  /** Whosesoever it is: for the operator alone. */
  abstract findOfAnyone(jobId: string): Promise<StoredJob | undefined>;
  /** Newest first by `createdAt`, then id; at most `limit`, and fewer where their rows have as many bytes as one answer may have. */
  abstract list(request: ListJobs, signal?: AbortSignal): Promise<JobPage>;
  /** What a write was asked to remember, as its row keeps it; null once it is gone. */
  abstract textOf(write: WriteJob): Promise<unknown>;
  /** failed → queued, run + 1. Undefined: it is not as it was found, or its text is gone. @returns the new run. */
  abstract runAgain(job: RunnableJob, again: NewRun): Promise<number | undefined>;
  /** queued or running → cancelled, its text erased. Undefined: it has ended. @returns the run that is not wanted any more. */
  abstract cancel(job: RunnableJob): Promise<number | undefined>;
}
