import { AppError } from '@app/errors';
import { describe, expect, it } from 'vitest';

import { FAILED_LOGINS_ALLOWED, FailedLogins } from './failed-logins.js';

const NOW = 1_000_000;

const failureOf = (work: () => void) => {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.toFailure() : error;
  }
  return undefined;
};

describe('failed logins', () => {
  it('block only their own address, until its minute is over', () => {
    const logins = new FailedLogins();
    for (let failure = 0; failure < FAILED_LOGINS_ALLOWED; failure += 1) {
      expect(failureOf(() => logins.check('192.0.2.1', NOW + failure))).toBeUndefined();
      logins.count('192.0.2.1', NOW + failure);
    }
    expect(failureOf(() => logins.check('192.0.2.1', NOW + 20_000))).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 40_000,
    });
    expect(failureOf(() => logins.check('192.0.2.2', NOW + 20_000))).toBeUndefined();
    expect(failureOf(() => logins.check('192.0.2.1', NOW + 60_000))).toBeUndefined();
  });

  it('are counted for a whole /64 of IPv6, and for all forms of an IPv4 address', () => {
    const logins = new FailedLogins();
    for (let failure = 0; failure < FAILED_LOGINS_ALLOWED; failure += 1) {
      logins.count(`2001:db8:1:2::${failure.toString(16)}`, NOW);
      logins.count('::ffff:192.0.2.1', NOW);
    }
    expect(failureOf(() => logins.check('2001:db8:1:2:ffff::1', NOW))).toBeDefined();
    expect(failureOf(() => logins.check('2001:db8:1:3::1', NOW))).toBeUndefined();
    expect(failureOf(() => logins.check('192.0.2.1', NOW))).toBeDefined();
  });
});
