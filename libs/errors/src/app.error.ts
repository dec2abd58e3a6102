import { CODES, type ErrorCode } from './codes.js';

/** One field at fault. `path` is a JSON Pointer into the body, or the name of a parameter or header; `message` never quotes a value. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/**
 * The provider that failed, and its answer. A field is null if the answer did not have it; `status` is null if there was no
 * answer. The body is not kept; the request id is the only header that is kept. The scrubbed message of the provider becomes
 * the message of the error.
 */
export interface ProviderAnswer {
  readonly name: string;
  readonly model: string;
  readonly status: number | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly requestId: string | null;
}

/** The limit of our own that was reached: `quota` calls in `windowMs`. The caller is shown its name. */
export interface ReachedLimit {
  readonly name: string;
  readonly quota: number;
  readonly windowMs: number;
}

/** An AppError as plain data, as the row of a job and a reply hold it. */
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
 * An expected failure. Any other error that our code throws is a bug, and its HTTP answer is `internal`.
 * `message` is shown to the caller as `detail` and never holds a key. A message of our own says what to do and quotes no
 * prompt and no person; the scrubbed message of a provider may quote the prompt.
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

/** Turns any thrown value into a failure that may be stored and shown. An unexpected error becomes `internal` without its message. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return error.toFailure();
  return {
    code: 'internal',
    detail: 'Something went wrong on our side. The log has it under request_id.',
  };
}
