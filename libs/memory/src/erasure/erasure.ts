import type { JobKind } from '../jobs/job.js';
import type { Scope } from '../memories/memory-store.js';
import type { Asker } from '../writes/write.js';

/** The memories of one tenant, the memories of all tenants, or the account with all its rows. */
const ERASURE_EXTENTS = ['tenant', 'memories', 'account'] as const;
export type ErasureExtent = (typeof ERASURE_EXTENTS)[number];

/** A caller's request to erase all memories of one tenant or of the account. */
export interface NewErasure {
  readonly id: string;
  readonly asker: Asker;
  /** The label of one tenant; null: the default tenant; ALL_TENANTS: the account's memories of all tenants. */
  readonly tenantId: string | null;
  readonly requestId: string;
}

/** An erasure of more than one memory. It has a row, so that upkeep continues it after a crash. */
export interface Erasure {
  readonly id: string;
  readonly accountId: string;
  readonly apiKeyId: string | null;
  readonly extent: ErasureExtent;
  /** The tenant of the extent `tenant`; with the other extents ALL_TENANTS. */
  readonly tenantId: string | null;
  /** The erasure covers rows that were accepted until this time, and keeps later ones. With the extent `account` it covers all rows. */
  readonly createdAt: Date;
}

/** A job that an erasure has cancelled: its entry can be removed from the queue. */
export interface CancelledJob {
  readonly kind: JobKind;
  readonly id: string;
  readonly run: number;
}

/** An erasure whose row is committed. `large`: it has too many memories for one HTTP call, so upkeep carries it out. */
export interface BegunErasure {
  readonly erasure: Erasure;
  readonly large: boolean;
}

/**
 * Each method is one transaction; `limit` bounds the rows of one batch. A batch may be repeated, and two processes may carry
 * out the same erasure at once. Locks are taken in this order: memories by id, with all memories of the same write; then
 * rows of jobs; then the row of the erasure.
 */
export abstract class ErasureStore {
  /**
   * Erases one memory: its text, versions, search document, classifications, the turns that no other memory cites, and the
   * answers that cite it. The search documents of neighbouring memories are rebuilt without those turns.
   * @returns undefined when the scope has no such memory.
   */
  abstract eraseMemory(
    scope: Scope,
    memoryId: string,
    asker: Asker,
  ): Promise<{ readonly tenantId: string | null } | undefined>;

  /** Commits the row of an erasure of more than one memory. */
  abstract begin(erasure: NewErasure): Promise<BegunErasure>;
  /**
   * Deletes the account and its API keys, so that no new request is accepted; its other rows are erased later. A repeated
   * call returns the same erasure until it has finished.
   * @returns undefined when there is neither such an account nor an unfinished erasure of it.
   */
  abstract beginAccount(
    accountId: string,
    request: { readonly id: string; readonly requestId: string },
  ): Promise<BegunErasure | undefined>;

  /** Cancels queued and running jobs and erases their text. A worker that still runs such a job can no longer store its result. */
  abstract cancelCoveredJobs(erasure: Erasure, limit: number): Promise<readonly CancelledJob[]>;
  /** @returns how many memories the batch had; 0 when none is left. */
  abstract eraseMemories(erasure: Erasure, limit: number): Promise<number>;
  /**
   * Erases the messages, questions, answers and failure details in rows of ended jobs. With the extent `account` it deletes
   * the rows of jobs and of first answers instead.
   * @returns how many rows the batch had; 0 when none is left.
   */
  abstract eraseTexts(erasure: Erasure, limit: number): Promise<number>;
  /** Marks the erasure as finished and adds its receipt to the audit. @returns how many memories were erased in all. */
  abstract finish(erasure: Erasure): Promise<number>;

  /** The erasures that upkeep has to continue, oldest first. */
  abstract findUnfinished(): Promise<readonly Erasure[]>;
  /** Deletes the rows of erasures that ended 24 hours ago. */
  abstract deleteExpired(): Promise<void>;
}
