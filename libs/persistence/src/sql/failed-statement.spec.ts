import { AppError } from '@app/errors';
import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';

import { failureOfStatement, StatementFailed } from './failed-statement.js';

const refused = (code: string, message = 'key (text)=(Ana has a secret) already exists'): Error =>
  new QueryFailedError(
    'insert …',
    ['Ana has a secret'],
    Object.assign(new Error(message), { code, constraint: 'memories_pk' }),
  );

describe('a failed statement', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '08006', '53300', '57P01', '40001', '40P01'])(
    'becomes `unavailable` when a retry may succeed (%s)',
    (code) => {
      expect(failureOfStatement(refused(code))).toMatchObject({
        code: 'unavailable',
        retryable: true,
        retryAfterMs: 2_000,
      });
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Cannot use a pool after calling end on the pool',
  ])('without a code is classified by its message: %s', (message) => {
    expect(failureOfStatement(new Error(message))).toMatchObject({ code: 'unavailable' });
  });

  it('keeps its SQLSTATE and constraint, and loses its message', () => {
    const failure = failureOfStatement(refused('23505'));
    expect(failure).toBeInstanceOf(StatementFailed);
    expect(failure).toMatchObject({
      message: 'Postgres refused a statement (23505, memories_pk)',
      sqlState: '23505',
    });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('secret');
  });

  it('does not change errors that are not from Postgres', () => {
    const expected = new AppError('not_found', 'No such memory.');
    const bug = new TypeError('x is not a function');
    expect(failureOfStatement(expected)).toBe(expected);
    expect(failureOfStatement(bug)).toBe(bug);
  });
});
