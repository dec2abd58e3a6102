import { AppError } from './app.error.js';

/** The store rejected a statement although it is available. Libraries that may not import the store can read the reason here. */
export abstract class StoreError extends Error {
  /** True when a value caused the rejection, such as a NUL in a text: a retry with the same value fails again. */
  abstract readonly isValueRefused: boolean;
}

/** The store cannot be reached, or has no free connection: the same change may succeed later. */
export class StoreUnavailable extends AppError {
  override readonly name = 'StoreUnavailable';

  constructor(
    detail: string,
    options: { readonly retryAfterMs: number; readonly cause?: unknown },
  ) {
    super('unavailable', detail, options);
  }
}
