import { AppError } from './app.error.js';

/** An available store rejected a statement. The class is declared here for libraries that may not import `libs/persistence`. */
export abstract class StoreError extends Error {
  /** True when a value caused the rejection, such as a NUL in a text: a retry with the same value fails again. */
  abstract readonly isValueRefused: boolean;
}

/** The store cannot be reached, is out of resources, or rolled a transaction back: the same statement may succeed later. */
export class StoreUnavailable extends AppError {
  override readonly name = 'StoreUnavailable';

  constructor(
    detail: string,
    options: { readonly retryAfterMs: number; readonly cause?: unknown },
  ) {
    super('unavailable', detail, options);
  }
}
