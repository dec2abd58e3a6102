import { AppError, type AppErrorOptions, type ErrorCode } from '@app/errors';

/** The llm_* codes of the one table in @app/errors. */
export type LlmErrorCode = Extract<ErrorCode, `llm_${string}`>;

export interface LlmErrorOptions extends Omit<AppErrorOptions, 'cause' | 'faults'> {
  /** The request's parameter that the provider refused, if it named one. */
  readonly param?: string | null;
  /** The provider's unscrubbed text, for searching only: it may hold a key. */
  readonly saidWords?: string;
}

/** A provider's failure in our words, scrubbed. It has no cause: an SDK's error holds headers and bodies. */
export class LlmError extends AppError {
  override readonly name = 'LlmError';
  readonly param: string | null;
  /** Private, so that no copy, log or answer holds it. */
  readonly #saidWords: string;

  constructor(
    code: LlmErrorCode,
    detail: string,
    { param = null, saidWords, ...options }: LlmErrorOptions = {},
  ) {
    super(code, detail, options);
    this.param = param;
    this.#saidWords = saidWords ?? `${param ?? ''} ${detail}`;
  }

  /** Searches the provider's unscrubbed text, because scrubbing a short key such as `x` leaves little of it in `detail`. */
  mentions(pattern: RegExp): boolean {
    return pattern.test(this.#saidWords);
  }

  /** Runs `read` on the provider's unscrubbed text. `read` must not return that text or a part of it: it may hold a key. */
  findInWords<Found>(read: (words: string) => Found): Found {
    return read(this.#saidWords);
  }
}
