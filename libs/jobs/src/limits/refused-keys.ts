import { setImmediate as nextTurn } from 'node:timers/promises';

import { AppError } from '@app/errors';
import { RateLimiterRedis } from 'rate-limiter-flexible';

import { REFUSALS_WINDOW_MS } from '../policy.js';
import {
  type QueueRole,
  type QueueSettings,
  installationPrefix,
} from '../connection/queue-settings.js';
import { connectRedis, quitRedis } from '../connection/redis-connection.js';
import { GroupedCounts } from './grouped-counts.js';
import { Probation, type ProbationPlace } from './probation.js';

/** The count that a limiter of rate-limiter-flexible keeps for a name. */
interface CountedRefusals {
  readonly consumedPoints: number;
  /** Read only when too many were rejected. */
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
  /** Rejections that this process is counting at this moment, by their bucket. */
  readonly #counting = new Map<string, Promise<void>>();

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
    const penalty = this.counter.penalty(bucket);
    const counting = Promise.allSettled([this.#counting.get(bucket), penalty])
      // A turn later the call has left its place.
      .then(() => nextTurn())
      .then(() => {
        if (this.#counting.get(bucket) === counting) this.#counting.delete(bucket);
      });
    this.#counting.set(bucket, counting);
    await penalty;
  }

  /** Makes a call with a caller's key, unless too many of the caller's keys were rejected. Counts a rejection of this key. */
  async guard<Result>(bucket: string, call: () => Promise<Result>): Promise<Result> {
    using place = await this.#enter(bucket);
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

  /**
   * A call keeps its place until its rejection is counted, so for a moment it may be counted twice: as a rejection and as a
   * call under way. A call that finds no place then looks again after that moment.
   */
  async #enter(bucket: string): Promise<ProbationPlace> {
    for (;;) {
      const refused = await this.#checkOrUnavailable(bucket);
      const place = this.#probation.enter(bucket, refused, REFUSALS_ALLOWED);
      const counting = this.#counting.get(bucket);
      if (place.waitMs === undefined || counting === undefined) return place;
      await counting;
    }
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
  const limiter = new RateLimiterRedis({
    ...refusalCounterOptions(settings),
    storeClient: redis,
  });
  const counts = new GroupedCounts(redis);
  const counter: RefusalCounter = {
    // The limiter itself would read one name, with a transaction of two commands.
    get: async (name) => {
      const consumedPoints = await counts.get(limiter.getKey(name));
      return consumedPoints < REFUSALS_ALLOWED
        ? { consumedPoints, msBeforeNext: 0 }
        : limiter.get(name);
    },
    penalty: (name) => limiter.penalty(name),
  };
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
