import { AppError, type AppErrorOptions, type ErrorCode } from '@app/errors';

/** The llm_* codes of the one table in @app/errors. */
export type LlmErrorCode = Extract<ErrorCode, `llm_${string}`>;

export interface LlmErrorOptions extends Omit<AppErrorOptions, 'cause' | 'faults'> {
  /** The request's parameter that the provider found fault with, where it named one. */
  readonly param?: string | null;
}

/** A provider's failure in our words, scrubbed. It has no cause: an SDK's error holds headers and bodies. */
export class LlmError extends AppError {
  override readonly name = 'LlmError';
  readonly param: string | null;

  constructor(
    code: LlmErrorCode,
    detail: string,
    { param = null, ...options }: LlmErrorOptions = {},
  ) {
    super(code, detail, options);
    this.param = param;
  }
}
