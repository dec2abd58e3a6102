import { AppError, type AppErrorOptions, type ErrorCode } from '@app/errors';

/** The llm_* codes of the one table in @app/errors. */
export type LlmErrorCode = Extract<ErrorCode, `llm_${string}`>;

export interface LlmErrorOptions extends Omit<AppErrorOptions, 'cause' | 'faults'> {
  /** The request's parameter that the provider found fault with, where it named one. */
  readonly param?: string | null;
  /** What the provider said, as it said it: only to be searched. It may hold a key. */
  readonly saidWords?: string;
}

/** A provider's failure in our words, scrubbed. It has no cause: an SDK's error holds headers and bodies. */
export class LlmError extends AppError {
  override readonly name = 'LlmError';
  readonly param: string | null;
  /** A private field is in no copy, log or answer. */
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

  /** Whether the provider used such words. What is shown of them has been scrubbed: with a key like `x` little is left. */
  mentions(pattern: RegExp): boolean {
    return pattern.test(this.#saidWords);
  }

  /** What a reader finds in the provider's words. It must not hand on the words themselves. */
  findInWords<Found>(read: (words: string) => Found): Found {
    return read(this.#saidWords);
  }
}
