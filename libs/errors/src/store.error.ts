import { AppError } from './app.error.js';

/** A store did not do what it was told, and not because it is away. Whoever may not import the store can ask why. */
export abstract class StoreError extends Error {
  /** The statement was refused for a value in it, such as a NUL in a text: the same value is refused again. */
  abstract readonly isValueRefused: boolean;
}

/** The store is away, or has no connection to spare: the same change may be made in a moment. */
export class StoreAway extends AppError {
  override readonly name = 'StoreAway';

  constructor(
    detail: string,
    options: { readonly retryAfterMs: number; readonly cause?: unknown },
  ) {
    super('unavailable', detail, options);
  }
}
