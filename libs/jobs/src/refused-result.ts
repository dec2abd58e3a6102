import { AppError, type Failure, StoreError } from '@app/errors';

import type { Attempt } from './attempt.js';
import type { Reply } from './reply.js';

/**
 * Whether the row cannot take this value: Postgres refuses it, or no statement can be made of it. It would not take it
 * after a retry either, and each retry asks the model again on the caller's bill.
 */
function isRefused(error: unknown): boolean {
  if (error instanceof StoreError) return error.isValueRefused;
  return error instanceof TypeError || error instanceof RangeError;
}

/** A result that the row does not take is a model's: whatever a caller sent was looked at before it was accepted. */
export function unstorableResult(error: unknown): unknown {
  if (!isRefused(error)) return error;
  return new AppError(
    'llm_invalid_output',
    'The model’s output holds something that cannot be stored. Try again, or choose another model.',
    { cause: error },
  );
}

/** Ends the row with its failure, or, where it does not take a provider's words, with the failure's code alone. */
export async function failWithOrWithoutWords(
  attempt: Attempt<unknown>,
  failure: Failure,
  onRefused: (error: unknown) => void,
): Promise<Reply | undefined> {
  try {
    return await attempt.fail(failure);
  } catch (error) {
    if (!isRefused(error)) throw error;
    onRefused(error);
    return attempt.fail({
      code: failure.code,
      detail: 'It failed as its code says. The provider’s words for it cannot be stored.',
    });
  }
}
