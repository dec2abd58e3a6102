import { StoreAway } from '@app/errors';
import { setTimeout as delay } from 'node:timers/promises';

import type { Attempt } from './attempt.js';
import type { Reply } from './reply.js';

/** As long as a database needs to come back, or a burst of other writes to pass. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/**
 * Ends the row with its outcome. While the store is away the outcome is kept and the change made again: another attempt
 * would ask the model again, on its account's bill. The row's guard lets only one of these changes through.
 * @param isStopped asked before each further try: a cancelled or interrupted attempt does not wait.
 */
export async function completePatiently<Outcome>(
  attempt: Attempt<Outcome>,
  outcome: Outcome,
  isStopped: () => boolean,
  { patienceMs = PATIENCE_MS, pauseMs = PAUSE_MS } = {},
): Promise<Reply | undefined> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await attempt.complete(outcome);
    } catch (error) {
      if (!(error instanceof StoreAway) || isStopped() || Date.now() >= until) throw error;
      await delay(pauseMs);
    }
  }
}
