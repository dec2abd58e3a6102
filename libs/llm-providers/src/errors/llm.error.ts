import { AppError, type AppErrorOptions, type ErrorCode } from '@app/errors';

/** The `llm_*` codes of the table in @app/errors. */
export type LlmErrorCode = Extract<ErrorCode, `llm_${string}`>;

export interface LlmErrorOptions extends Omit<AppErrorOptions, 'cause' | 'faults'> {
  /** The request's parameter that the provider refused, if it named one. */
  readonly param?: string | null;
  /** The provider's unscrubbed text, for searching only: it may hold a key. */
  readonly unscrubbedText?: string;
}

/** A classified and scrubbed failure of a provider. It has no cause, because an SDK's error holds headers and bodies. */
export class LlmError extends AppError {
  override readonly name = 'LlmError';
  readonly param: string | null;
  /** Private, so that it is not copied, logged or sent to the caller. */
  readonly #unscrubbedText: string;

  constructor(
    code: LlmErrorCode,
    detail: string,
    { param = null, unscrubbedText, ...options }: LlmErrorOptions = {},
  ) {
    super(code, detail, options);
    this.param = param;
    this.#unscrubbedText = unscrubbedText ?? `${param ?? ''} ${detail}`;
  }

  /** Searches the provider's unscrubbed text, because scrubbing a short key such as `x` leaves little of it in `detail`. */
  mentions(pattern: RegExp): boolean {
    return pattern.test(this.#unscrubbedText);
  }

  /** Runs `read` on the provider's unscrubbed text. `read` must not return that text or a part of it: it may hold a key. */
  findInText<Found>(read: (text: string) => Found): Found {
    return read(this.#unscrubbedText);
  }
}
