import type { Job, Queue } from 'bullmq';

/**
 * In which order jobs are served: account by account in turn, each account's own in the order of their arrival. Whoever
 * brings ten thousand delays another's one by a few. An order is never worth a job: only `priorities` may fail.
 */
export abstract class FairOrder {
  /** With which priority to add jobs of these accounts. A job without one would be served before all that have one. */
  abstract priorities(queue: Queue, accountIds: readonly string[]): Promise<readonly number[]>;
  /** Gives their places to all jobs that wait without one. */
  abstract arrange(queue: string): Promise<void>;
  /** A job is about to be put back, to run again at some time: it has to find a place anew then. */
  abstract leave(job: Job): Promise<void>;
  abstract close(): Promise<void>;
}

/** Jobs that do not say whose they are count as one account's. */
export function accountOf(data: unknown): string {
  const { accountId } = (data ?? {}) as { readonly accountId?: unknown };
  return typeof accountId === 'string' ? accountId : 'unknown';
}
