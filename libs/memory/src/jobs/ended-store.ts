import type { JobKind } from './unfinished-store.js';

/** Rows of work that has ended, and how long they are kept: 24 hours, failed ones 7 days. */
export abstract class EndedStore {
  /** Deletes rows that were kept long enough, with what text they still have. Returns how many, at most `limit`. */
  abstract deleteExpired(kind: JobKind, limit: number): Promise<number>;
}
