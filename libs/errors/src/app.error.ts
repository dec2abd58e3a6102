import { CODES, type ErrorCode } from './codes.js';

/** One field at fault. `path` is a JSON Pointer into the body, or the name of a parameter or header; `message` never quotes a value. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** What the provider said of itself. `message` is not here: scrubbed, it is the error's own. Body and headers are not kept. */
export interface ProviderAnswer {
  readonly name: string;
  readonly model: string;
  readonly status: number | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly requestId: string | null;
}

/** Which of our own limits was reached: so much (`quota`) in such a time. Its name is told to the caller. */
export interface ReachedLimit {
  readonly name: string;
  readonly quota: number;
  readonly windowMs: number;
}

/** An AppError as plain data: what a job's row keeps and a reply carries. */
export interface Failure {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs?: number | undefined;
  readonly faults?: readonly FieldFault[] | undefined;
  readonly provider?: ProviderAnswer | undefined;
  readonly limit?: ReachedLimit | undefined;
}

export interface AppErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly faults?: readonly FieldFault[] | undefined;
  readonly provider?: ProviderAnswer | undefined;
  readonly limit?: ReachedLimit | undefined;
  readonly cause?: unknown;
}

/**
 * The one expected failure. Anything else that is thrown is a bug and answers `internal`.
 * `message` is shown to the caller as `detail`: it says what to do, and never holds a key, a prompt or a person's words.
 */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly faults: readonly FieldFault[] | undefined;
  readonly provider: ProviderAnswer | undefined;
  readonly limit: ReachedLimit | undefined;

  constructor(
    readonly code: ErrorCode,
    detail: string,
    { retryAfterMs, faults, provider, limit, cause }: AppErrorOptions = {},
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.retryable = CODES[code].retryable;
    this.retryAfterMs = retryAfterMs;
    this.faults = faults;
    this.provider = provider;
    this.limit = limit;
  }

  static fromFailure(failure: Failure): AppError {
    return new AppError(failure.code, failure.detail, failure);
  }

  toFailure(): Failure {
    const { code, message, retryAfterMs, faults, provider, limit } = this;
    return {
      code,
      detail: message,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(faults && { faults }),
      ...(provider && { provider }),
      ...(limit && { limit }),
    };
  }
}

/** Any thrown value as a failure that is fit to be kept and shown: an unexpected one tells nothing of itself. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return error.toFailure();
  return {
    code: 'internal',
    detail: 'Something went wrong on our side. The log has it under request_id.',
  };
}
