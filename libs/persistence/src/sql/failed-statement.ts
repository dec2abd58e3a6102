import { AppError, StoreAway, StoreError } from '@app/errors';
import { QueryFailedError } from 'typeorm';

/**
 * A statement that Postgres refused: a bug. TypeORM's own error holds the statement's values and Postgres' message may
 * quote them, so only names and codes come through.
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

/** Data exceptions, a row twice in one statement, not null, check, and the sizes that a row or an index has. */
const OF_A_VALUE = /^(22|21|23502|23514|54)/;
/** Classes and codes of SQLSTATE that say "later": connection, resources, operator intervention, rolled back. https://www.postgresql.org/docs/current/errcodes-appendix.html */
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
/** pg gives these no code. */
const CONNECTION =
  /connection terminated|timeout exceeded when trying to connect|client was closed|not queryable|after calling end|connection timeout/i;

/** What Postgres says when a timeout, or another connection, ends a statement. */
const CANCELLED = '57014';

/** What a failed statement means to the rest of the program. */
export function failureOfStatement(error: unknown): unknown {
  if (error instanceof AppError || error instanceof StatementFailed || !(error instanceof Error))
    return error;
  const cause: Error & { code?: unknown; constraint?: unknown } =
    error instanceof QueryFailedError ? error.driverError : error;
  const code = typeof cause.code === 'string' ? cause.code : '';
  if (LATER.test(code) || SOCKET.has(code) || CONNECTION.test(cause.message)) {
    return new StoreAway('The database cannot be reached right now. Try again in a moment.', {
      retryAfterMs: 2_000,
      cause: refusalOf(cause),
    });
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

/** One side of a deadlock was rolled back, and may be done again. */
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
