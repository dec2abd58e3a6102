import type { Failure } from '@app/errors';

import type { Answer, Question } from '../queries/query.js';
import type { WriteResult } from '../writes/write-result.js';
import type { LlmAccount } from '../spending.js';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The kinds of job that a worker runs and that have a row. A synchronous query and a verification have none. */
export type JobKind = 'write' | 'query';

/** The kinds of job that `GET /agent/jobs` lists. */
export const LISTED_KINDS = ['write', 'query', 'erasure'] as const;
export type ListedKind = (typeof LISTED_KINDS)[number];

interface JobFields {
  readonly id: string;
  readonly accountId: string;
  /** ALL_TENANTS: a query over all tenants, or an erasure of all memories or of the account. */
  readonly tenantId: string | null;
  readonly state: JobState;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly requestId: string;
  readonly failure: Failure | null;
}

/** The fields of jobs that can have several runs. An erasure has one run. */
interface RunFields extends JobFields {
  readonly run: number;
  /** Null for a write that needed no model. */
  readonly llmAccount: LlmAccount | null;
  /** Whether the row still has the text that another run needs. */
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
  /** The number of erased memories. While the erasure runs: those erased so far. */
  readonly result: { readonly deletedCount: number };
}

/** A job that a worker runs, and that can be run again after it failed. */
export type RunnableJob = WriteJob | QueryJob;
export type StoredJob = RunnableJob | ErasureJob;
