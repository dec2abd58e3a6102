import { AppError } from '@app/errors';
import { RateLimiterRedis } from 'rate-limiter-flexible';

import { REFUSALS_WINDOW_MS } from '../policy.js';
import {
  type QueueRole,
  type QueueSettings,
  installationPrefix,
} from '../connection/queue-settings.js';
import { connectRedis, quitRedis } from '../connection/redis-connection.js';
import { Probation } from './probation.js';

/** The count that a limiter of rate-limiter-flexible keeps for a name. */
interface CountedRefusals {
  readonly consumedPoints: number;
  readonly msBeforeNext: number;
}

/** The part of rate-limiter-flexible that is used here. */
export interface RefusalCounter {
  get(name: string): Promise<CountedRefusals | null>;
  penalty(name: string): Promise<CountedRefusals>;
}

/** At most this many caller keys may be rejected in a minute, for one Aurra API key and client address. */
const REFUSALS_ALLOWED = 10;

/**
 * Counts the caller keys that providers rejected, over all processes. After too many rejections it refuses the caller's next
 * calls before they reach a provider, so that a caller cannot try keys out. A bucket is a hash of the API key's id and the
 * client address; a caller key is never passed to this class.
 */
export class RefusedKeys {
  readonly #probation = new Probation();

  constructor(
    private readonly counter: RefusalCounter,
    private readonly closeCounter: () => Promise<void>,
  ) {}

  /**
   * @returns how many caller keys were rejected in the current window of a minute.
   * @throws AppError `rate_limited` when too many were rejected. Errors of the counter itself are passed on.
   */
  async check(bucket: string): Promise<number> {
    const counted = await this.counter.get(bucket);
    if (!counted || counted.consumedPoints < REFUSALS_ALLOWED) return counted?.consumedPoints ?? 0;
    throw tooManyRefusals(counted.msBeforeNext);
  }

  async count(bucket: string): Promise<void> {
    this.#probation.begin(bucket);
    await this.counter.penalty(bucket);
  }

  /** Makes a call with a caller's key, unless too many of the caller's keys were rejected. Counts a rejection of this key. */
  async guard<Result>(bucket: string, call: () => Promise<Result>): Promise<Result> {
    const refused = await this.#checkOrUnavailable(bucket);
    using place = this.#probation.enter(bucket, refused, REFUSALS_ALLOWED);
    if (place.waitMs !== undefined) throw tooManyRefusals(place.waitMs);
    try {
      return await call();
    } catch (error) {
      // Count before the caller gets the answer, so that an immediate next call is counted. If counting fails, the
      // provider's answer is passed on all the same.
      if (error instanceof AppError && error.code === 'llm_auth_failed')
        await this.count(bucket).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.closeCounter();
  }

  /** If the counter does not answer, the call is not made. This is rare, because the counter is on the server of the queue. */
  async #checkOrUnavailable(bucket: string): Promise<number> {
    try {
      return await this.check(bucket);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError(
        'unavailable',
        'The queue does not answer right now. Try again in a moment.',
        { cause },
      );
    }
  }
}

/** The options of the counter, the same for each kind of queue. */
export const refusalCounterOptions = (settings: QueueSettings) => ({
  points: REFUSALS_ALLOWED,
  duration: REFUSALS_WINDOW_MS / 1_000,
  keyPrefix: `${installationPrefix(settings)}:refused-keys`,
});

/** While Redis is down, the commands of a producer fail at once; those of a worker wait for its first connection. */
export function redisRefusedKeys(settings: QueueSettings, role: QueueRole): RefusedKeys {
  const redis = connectRedis(settings, 'producer', { enableOfflineQueue: role === 'worker' });
  const counter = new RateLimiterRedis({
    ...refusalCounterOptions(settings),
    storeClient: redis,
  });
  return new RefusedKeys(counter, () => quitRedis(redis));
}

const tooManyRefusals = (waitMs: number): AppError =>
  new AppError(
    'rate_limited',
    'Providers refused too many of the keys that came with this API key from your address. Check `llm.key`; calls with `llm` are possible again in a moment, others are not affected.',
    {
      retryAfterMs: Math.max(1, waitMs),
      limit: { name: 'refused-keys', quota: REFUSALS_ALLOWED, windowMs: REFUSALS_WINDOW_MS },
    },
  );
