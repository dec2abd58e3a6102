import type { JobKind } from '../jobs/job.js';
import type { Scope } from '../memories/memory-store.js';
import type { Asker } from '../writes/write.js';

/** How much an erasure takes: the memories of one tenant, those of all tenants, or the account with everything it holds. */
const ERASURE_EXTENTS = ['tenant', 'memories', 'account'] as const;
export type ErasureExtent = (typeof ERASURE_EXTENTS)[number];

/** What to erase, in a caller's name. */
export interface NewErasure {
  readonly id: string;
  readonly asker: Asker;
  /** A label, null for the default tenant, ALL_TENANTS for the account's memories of all tenants. */
  readonly tenantId: string | null;
  readonly requestId: string;
}

/** An erasure of more than one memory. A row, so that it goes on whatever crashes. */
export interface Erasure {
  readonly id: string;
  readonly accountId: string;
  readonly apiKeyId: string | null;
  readonly extent: ErasureExtent;
  /** ALL_TENANTS unless the extent is one tenant. */
  readonly tenantId: string | null;
  /** What was accepted until then goes; what came later is new, and stays. An account that goes takes all with it. */
  readonly createdAt: Date;
}

/** Work that an erasure has ended: its job is not wanted in the queue any more. */
export interface CancelledJob {
  readonly kind: JobKind;
  readonly id: string;
  readonly run: number;
}

/** An erasure that was made durable. `large`: too much for the call that asked for it. */
export interface BegunErasure {
  readonly erasure: Erasure;
  readonly large: boolean;
}

/**
 * Erases. Each method but the last two is one transaction, bounded by its limit and safe to be done twice, by two at once
 * too. Locks are taken in this order: memories by id, all of a write's together; then rows of jobs; then the erasure's own.
 */
export abstract class ErasureStore {
  /**
   * One memory: its text, versions, search document, classifications, the turns that no other memory cites, and the answers
   * that rest on it. The memories beside it are searched without those turns from then on.
   * Undefined: no such memory in this scope.
   */
  abstract eraseMemory(
    scope: Scope,
    memoryId: string,
    asker: Asker,
  ): Promise<{ readonly tenantId: string | null } | undefined>;

  /** Makes an erasure of more than one memory durable. */
  abstract begin(erasure: NewErasure): Promise<BegunErasure>;
  /**
   * Takes an account away, its API keys with it, so that nothing new comes in; the rest is then erased. While that goes on,
   * asking again gives the same erasure. Undefined: no such account, or nothing of it is left.
   */
  abstract beginAccount(
    accountId: string,
    request: { readonly id: string; readonly requestId: string },
  ): Promise<BegunErasure | undefined>;

  /** Ends what is queued or runs as cancelled, its text erased. A worker that runs it stores nothing any more. */
  abstract cancelCoveredJobs(erasure: Erasure, limit: number): Promise<readonly CancelledJob[]>;
  /** @returns how many memories were erased; 0 when none is left. */
  abstract eraseMemories(erasure: Erasure, limit: number): Promise<number>;
  /** Erases what rows of jobs still know of what was said, asked and answered. @returns how many; 0 when none is left. */
  abstract eraseTexts(erasure: Erasure, limit: number): Promise<number>;
  /** All is gone: the end of the row, and the receipt in the audit. @returns how many memories were erased in all. */
  abstract finish(erasure: Erasure): Promise<number>;

  /** Those that somebody has to go on with, oldest first. */
  abstract findUnfinished(): Promise<readonly Erasure[]>;
  /** Deletes the rows of erasures that ended 24 hours ago. */
  abstract deleteExpired(): Promise<void>;
}
