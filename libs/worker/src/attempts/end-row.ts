import { setTimeout as delay } from 'node:timers/promises';

import { AppError, type Failure, StoreUnavailable, StoreError } from '@app/errors';
import type { Reply } from '@app/jobs';
import { STORE_OUTCOME_PAUSE_MS, STORE_OUTCOME_TIMEOUT_MS } from '@app/jobs/policy';

import type { Attempt } from './attempt.js';

/**
 * Ends the row with the attempt's outcome. While Postgres is away the outcome is kept and the UPDATE repeated, because
 * another attempt would pay for the model's answer again. The row's guard lets only one of these UPDATEs through.
 * @param isStopped checked before each repetition: a cancelled or interrupted attempt does not wait.
 */
export async function completeRow<Outcome>(
  attempt: Attempt<Outcome>,
  outcome: Outcome,
  isStopped: () => boolean,
  { timeoutMs = STORE_OUTCOME_TIMEOUT_MS, pauseMs = STORE_OUTCOME_PAUSE_MS } = {},
): Promise<Reply | undefined> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt.complete(outcome);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || isStopped() || Date.now() >= until) throw error;
      await delay(pauseMs);
    }
  }
}

/** Ends the row with its failure. If Postgres refuses to store the provider's words, the row gets the code without them. */
export async function failRow(
  attempt: Attempt<unknown>,
  failure: Failure,
  onRefused: (error: unknown) => void,
): Promise<Reply | undefined> {
  try {
    return await attempt.fail(failure);
  } catch (error) {
    if (!isUnstorable(error)) throw error;
    onRefused(error);
    return attempt.fail({
      code: failure.code,
      detail: 'It failed as its code says. The provider’s words for it cannot be stored.',
    });
  }
}

/**
 * Whether the row can never take this value: Postgres refuses it, or no statement can be made of it. A retry would fail
 * in the same way, after another paid call to the model.
 */
function isUnstorable(error: unknown): boolean {
  if (error instanceof StoreError) return error.isValueRefused;
  return error instanceof TypeError || error instanceof RangeError;
}

/**
 * The error to fail with when `completeRow` threw. If the row can never take the outcome, the model is at fault, because
 * everything that a caller sends is checked before it is accepted.
 */
export function outcomeError(error: unknown): unknown {
  if (!isUnstorable(error)) return error;
  return new AppError(
    'llm_invalid_output',
    'The model’s output holds something that cannot be stored. Try again, or choose another model.',
    { cause: error },
  );
}
