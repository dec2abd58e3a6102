import { ENQUEUE_TIMEOUT_MS, OVERDUE_AFTER_MS } from '@app/jobs/policy';
import type { UnfinishedJob } from '@app/memory';

/** The decision about a row whose job is not in the queue. */
export type Fate = 'too_early' | 'run_again' | 'key_lost' | 'overdue';

/**
 * A row that is too young may be about to be queued by its gateway. A caller's key is in the job only, so a lost job that
 * needs it has failed: it does not move to the bundled account.
 */
export function fateOf({ ageMs, overdueMs, needsKey }: UnfinishedJob): Fate {
  if (ageMs < ENQUEUE_TIMEOUT_MS) return 'too_early';
  if (overdueMs > OVERDUE_AFTER_MS) return 'overdue';
  return needsKey ? 'key_lost' : 'run_again';
}
