import type { UnfinishedJob } from '@app/memory';

/** What becomes of accepted work that has no job in the queue. */
export type Fate = 'too_early' | 'run_again' | 'key_lost' | 'overdue';

/** Whoever has just accepted it may be about to enqueue it. */
export const ENQUEUED_WITHIN_MS = 15_000;
/** An attempt that began before the deadline may end after it. */
export const LATEST_END_MS = 300_000;

/** A caller's key was in the job and nowhere else; no path leads from it to the bundled account. */
export function fateOf({ ageMs, overdueMs, needsKey }: UnfinishedJob): Fate {
  if (ageMs < ENQUEUED_WITHIN_MS) return 'too_early';
  if (overdueMs > LATEST_END_MS) return 'overdue';
  return needsKey ? 'key_lost' : 'run_again';
}
