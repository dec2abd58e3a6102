import { AppError, StoreUnavailable, StoreError } from '@app/errors';
import { QueryFailedError } from 'typeorm';

/**
 * Postgres rejected a statement: a bug, unless the caller expects a violation of this constraint. TypeORM's error holds the
 * values of the statement and Postgres' message may quote them, so this error keeps only the code and the constraint's name.
 */
export class StatementFailed extends StoreError {
  override readonly name = 'StatementFailed';

  constructor(
    readonly sqlState: string,
    readonly constraint: string | undefined,
  ) {
    super(
      `Postgres refused a statement (${sqlState}${constraint === undefined ? '' : `, ${constraint}`})`,
    );
  }

  override get isValueRefused(): boolean {
    return OF_A_VALUE.test(this.sqlState);
  }
}

/** SQLSTATEs for data exceptions, the same row twice in one statement, not null, check, and rows or index entries that are too large. */
const OF_A_VALUE = /^(22|21|23502|23514|54)/;
/**
 * SQLSTATEs after which a retry may succeed: connection, resources, operator intervention, transaction rollback.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const LATER = /^(08|53|57P0|40)/;
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Messages of pg's own errors that have no code. */
const CONNECTION =
  /connection terminated|timeout exceeded when trying to connect|client was closed|not queryable|after calling end|connection timeout/i;

/** SQLSTATE of a statement that a timeout or `pg_cancel_backend` cancelled. */
const CANCELLED = '57014';

/** Turns an error of pg or TypeORM into an AppError, or into a StatementFailed without the values of the statement. */
export function failureOfStatement(error: unknown): unknown {
  if (error instanceof AppError || error instanceof StatementFailed || !(error instanceof Error))
    return error;
  const cause: Error & { code?: unknown; constraint?: unknown } =
    error instanceof QueryFailedError ? error.driverError : error;
  const code = typeof cause.code === 'string' ? cause.code : '';
  if (LATER.test(code) || SOCKET.has(code) || CONNECTION.test(cause.message)) {
    return new StoreUnavailable(
      'The database cannot be reached right now. Try again in a moment.',
      {
        retryAfterMs: 2_000,
        cause: refusalOf(cause),
      },
    );
  }
  if (code === CANCELLED) {
    return new AppError(
      'unavailable',
      'The database took too long for this. Ask a shorter question, narrow the filter or the tenant, or try again in a moment.',
      { retryAfterMs: 5_000, cause: refusalOf(cause) },
    );
  }
  return refusalOf(cause) ?? error;
}

/** True when Postgres rolled the transaction back to end a deadlock: it can be repeated. */
export function isDeadlock(error: unknown): boolean {
  return (
    error instanceof AppError &&
    error.cause instanceof StatementFailed &&
    error.cause.sqlState === '40P01'
  );
}

function refusalOf({
  code,
  constraint,
}: {
  code?: unknown;
  constraint?: unknown;
}): StatementFailed | undefined {
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return new StatementFailed(code, typeof constraint === 'string' ? constraint : undefined);
}
