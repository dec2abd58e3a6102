import { AppError } from '@app/errors';

import { subscriberOf } from './client-address.js';

export const FAILED_LOGINS_ALLOWED = 10;
const WINDOW_MS = 60_000;
/** When this many addresses are counted, those whose window is over are deleted before another one is counted. */
const ADDRESSES_KEPT = 10_000;

interface Failures {
  readonly count: number;
  readonly until: number;
}

/**
 * Limits guesses at one password: after ten failures from one address within a minute, every login from that address is
 * refused until the minute is over, even with the right password. The counter is in this process. `check`, the comparison and `count`
 * must run without an `await` between them, or requests that arrive together could make more than ten guesses.
 */
export class FailedLogins {
  readonly #byAddress = new Map<string, Failures>();

  /** Call it before comparing a password. @throws AppError `rate_limited` */
  check(address: string, now = Date.now()): void {
    const failures = this.#find(address, now);
    if (!failures || failures.count < FAILED_LOGINS_ALLOWED) return;
    throw new AppError(
      'rate_limited',
      'Too many wrong credentials came from this address. Wait for `Retry-After`: until then the right ones are refused as well.',
      {
        retryAfterMs: failures.until - now,
        limit: { name: 'failed-logins', quota: FAILED_LOGINS_ALLOWED, windowMs: WINDOW_MS },
      },
    );
  }

  count(address: string, now = Date.now()): void {
    if (this.#byAddress.size >= ADDRESSES_KEPT) this.#deleteEnded(now);
    const { count, until } = this.#find(address, now) ?? { count: 0, until: now + WINDOW_MS };
    this.#byAddress.set(subscriberOf(address), { count: count + 1, until });
  }

  #find(address: string, now: number): Failures | undefined {
    const failures = this.#byAddress.get(subscriberOf(address));
    return failures && failures.until > now ? failures : undefined;
  }

  #deleteEnded(now: number): void {
    for (const [address, { until }] of this.#byAddress)
      if (until <= now) this.#byAddress.delete(address);
  }
}
