import type { Failure } from '@app/errors';

import type { LlmAccount } from '../writes/write.js';

/** What has a row of its own while it runs. */
export type JobKind = 'write' | 'query';

/** A row that is `queued` or `running`. Milliseconds are by the store's clock: a process' own may be wrong. */
export interface UnfinishedJob {
  readonly id: string;
  readonly run: number;
  readonly accountId: string;
  readonly llmAccount: LlmAccount;
  readonly requestId: string;
  /** Since it was accepted. */
  readonly ageMs: number;
  /** Since its deadline; below 0 before it. */
  readonly overdueMs: number;
  /** It cannot be done without the key that its caller sealed into its job. */
  readonly needsKey: boolean;
}

/** A row is looked at this long after it was accepted, and so long after each look. */
export const CHECK_EVERY_MS = 60_000;

/** Accepted work that has not ended, for whoever sees to it that it does. */
export abstract class UnfinishedStore {
  /** The store's clock. */
  abstract now(): Promise<Date>;
  /**
   * Rows whose next check is before `until`, earliest first; their next check is then CHECK_EVERY_MS from now. With
   * `until` CHECK_EVERY_MS ahead of `now()`, call after call, until a batch comes short, takes every unfinished row once.
   * Rows that somebody is changing at this moment are passed over.
   */
  abstract takeDue(kind: JobKind, until: Date, limit: number): Promise<readonly UnfinishedJob[]>;
  /** run + 1 and `queued`. Returns those that were still as given, with their new run: only they may be enqueued. */
  abstract runAgain(
    kind: JobKind,
    jobs: readonly UnfinishedJob[],
  ): Promise<readonly UnfinishedJob[]>;
  /** Ends rows as failed; a write that nobody waits for keeps its text. Returns how many were still as given. */
  abstract fail(kind: JobKind, jobs: readonly UnfinishedJob[], failure: Failure): Promise<number>;
}
