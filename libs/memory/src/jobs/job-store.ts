import type { Failure } from '@app/errors';

import type { Answer, Question } from '../queries/query-store.js';
import type { SupersessionOutcome } from '../supersession/comparison.js';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What a finished write left behind: ids and counts, no text. */
export interface WriteResult {
  readonly mode: 'content' | 'messages';
  readonly status: 'saved' | 'duplicate' | 'extracted';
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

export interface WriteJob extends JobFields {
  readonly kind: 'write';
  readonly result: WriteResult | null;
}

export interface QueryJob extends JobFields {
  readonly kind: 'query';
  readonly question: Question;
  readonly result: Answer | null;
}

export interface ErasureJob extends JobFields {
  readonly kind: 'erasure';
  /** Memories; so far, while it runs. */
  readonly result: { readonly deletedCount: number };
}

export type StoredJob = WriteJob | QueryJob | ErasureJob;

/** The state of asynchronous work, as a caller may see it. */
export abstract class JobStore {
  abstract find(accountId: string, jobId: string): Promise<StoredJob | undefined>;
}
