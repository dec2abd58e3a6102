import type { AppError, Failure } from '@app/errors';

import type { Extraction } from '../memories/memory.js';
import type { Comparison } from '../supersession/comparison.js';
import type { Asker, CandidateFact, ContentWrite, LlmAccount, WriteRequest } from './write.js';

/** A write on its way in, for a worker to do. The request is without its key. */
export interface NewWrite {
  readonly id: string;
  readonly asker: Asker;
  readonly request: WriteRequest;
  /** How many its account has in a month. Null: without limit. */
  readonly writesPerMonth: number | null;
  readonly llmAccount: LlmAccount;
  /** For audit only: the worker calls what the envelope says. */
  readonly audit: {
    readonly provider: string;
    readonly model: string;
    readonly baseUrlHost: string | null;
  } | null;
  /** True while somebody waits for the result in the same call: then a failure is final at once. */
  readonly waiting: boolean;
  readonly deadlineAt: Date;
  readonly requestId: string;
}

/** What a worker that won a write holds. Every later statement is guarded by `run` and `attempt`. */
export interface WriteClaim {
  readonly writeId: string;
  readonly run: number;
  readonly attempt: number;
  readonly asker: Asker;
  readonly request: WriteRequest;
  readonly llmAccount: LlmAccount;
  /** Of the model that the caller brought, by the row: it may keep a call from being made, and leads to none. */
  readonly callersProvider: string | null;
  readonly deadlineAt: Date;
}

/** What one account's model calls for a write came to, extraction and classification alike. */
export interface OwnersSpending {
  readonly owner: LlmAccount;
  readonly llmCalls: number;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** What extraction brought, to be stored in one transaction. */
export interface ExtractedFacts {
  readonly facts: readonly CandidateFact[];
  /** Null in content mode: the caller said the fact. */
  readonly extraction: Extraction | null;
  /** Of the extraction alone; `spent` has all of it. */
  readonly llmCalls: number;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  /** At most one entry for each owner. */
  readonly spent: readonly OwnersSpending[];
  /** What came of comparing each fact, in their order; of what is missing nothing did. */
  readonly comparisons: readonly Comparison[];
  /** Why nothing was found, where the model says so. */
  readonly note: string | null;
}

/** The answer to a content-mode write. `duplicate`: an identical fact stands already, under this id. */
export interface Remembered {
  readonly writeId: string;
  readonly status: 'saved' | 'duplicate';
  readonly memoryId: string;
}

/** Durable writes. Each method is one guarded statement or one transaction; what changes no row says so. */
export abstract class WriteStore {
  /**
   * Makes many writes durable in one statement, and counts them. Resolves when they are committed. Where a quota ends
   * within them, the first of an account are taken and the rest refused.
   * @returns for each of them, in their order, why it was refused; undefined: it is durable.
   */
  abstract accept(writes: readonly NewWrite[]): Promise<readonly (AppError | undefined)[]>;
  /** Content mode: the write, counted, its memory, version and audit event, in one transaction; the write is `succeeded` at once. @throws AppError `quota_exceeded` */
  abstract remember(write: {
    readonly id: string;
    readonly asker: Asker;
    readonly writesPerMonth: number | null;
    readonly request: ContentWrite;
    readonly requestId: string;
  }): Promise<Remembered>;
  /** queued or running → running, attempt + 1. Undefined: the row is gone, ended, or of another run. */
  abstract claim(writeId: string, run: number): Promise<WriteClaim | undefined>;
  /**
   * Stores facts, turns, versions, audit events, usage and result, and erases the request text: one transaction.
   * A fact whose fold is already current in its account, tenant and source is not stored twice. Verdicts are kept, and by
   * the write's policy those that count end what they supersede; what has ended meanwhile stays as it is.
   * False: another attempt owns the write; nothing was stored.
   */
  abstract complete(claim: WriteClaim, extracted: ExtractedFacts): Promise<boolean>;
  /** Ends the write as failed. The text of a write nobody waits for is kept, so that it can be retried. False: another attempt owns it. */
  abstract fail(claim: WriteClaim, failure: Failure): Promise<boolean>;
  /** running → queued, for another worker or a later attempt. False: another attempt owns it. */
  abstract handBack(claim: WriteClaim): Promise<boolean>;
  /** A write that never reached the queue: failed, text erased, not counted. */
  abstract withdraw(writeId: string, failure: Failure): Promise<void>;
  /** Whether somebody still waits for this write in the same call. */
  abstract isWaitedFor(claim: WriteClaim): Promise<boolean>;
  /** Nobody waits any more: from now on failures may be retried. */
  abstract stopWaiting(writeId: string): Promise<void>;
}
