import { AppError } from '@app/errors';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';

import { RATE_COUNT_TIMEOUT_MS, RATE_WINDOW_MS } from '../policy.js';
import { type QueueSettings, installationPrefix } from '../connection/queue-settings.js';
import { connectRedis, quitRedis } from '../connection/redis-connection.js';

/** The answer of a limiter of rate-limiter-flexible, for a request that passes and for one that does not. */
interface CountedRequest {
  readonly remainingPoints: number;
  readonly msBeforeNext: number;
}

/** The part of rate-limiter-flexible that is used here. */
export interface RequestCounter {
  consume(name: string): Promise<CountedRequest>;
}

/** The requests that an API key has left in the current minute. */
export interface RemainingRequests {
  readonly quota: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Limits the requests of one API key in a minute, counted over all gateways. */
export class RateLimits {
  /** One counter for each limit. All use the same names, so an API key keeps its count when its tier changes. */
  readonly #counters = new Map<number, RequestCounter>();

  constructor(
    private readonly counterFor: (perMinute: number) => RequestCounter,
    private readonly closeCounters: () => Promise<void>,
  ) {}

  /** @throws AppError `rate_limited`. A request that cannot be counted passes. */
  async take(apiKeyId: string, perMinute: number): Promise<RemainingRequests> {
    const counter = this.#counters.get(perMinute) ?? this.counterFor(perMinute);
    this.#counters.set(perMinute, counter);
    try {
      const { remainingPoints, msBeforeNext } = await counter.consume(apiKeyId);
      return { quota: perMinute, remaining: remainingPoints, resetMs: msBeforeNext };
    } catch (rejected) {
      if (!isOverLimit(rejected))
        return { quota: perMinute, remaining: perMinute, resetMs: RATE_WINDOW_MS };
      throw tooManyRequests(perMinute, rejected.msBeforeNext);
    }
  }

  async close(): Promise<void> {
    await this.closeCounters();
  }
}

/** The options of a counter. The names are the same on each kind of queue. */
export const requestCounterOptions = (points: number, settings: QueueSettings) => ({
  points,
  duration: RATE_WINDOW_MS / 1_000,
  keyPrefix: `${installationPrefix(settings)}:requests`,
});

export function redisRateLimits(settings: QueueSettings): RateLimits {
  const redis = connectRedis(settings, 'producer', { commandTimeout: RATE_COUNT_TIMEOUT_MS });
  const counterFor = (perMinute: number) =>
    new RateLimiterRedis({
      ...requestCounterOptions(perMinute, settings),
      storeClient: redis,
      rejectIfRedisNotReady: true,
      // Requests beyond the limit are refused from memory and cost Redis nothing.
      inMemoryBlockOnConsumed: perMinute,
      // While Redis is down each gateway counts alone: the limit is then multiplied by the number of gateways.
      insuranceLimiter: new RateLimiterMemory(requestCounterOptions(perMinute, settings)),
    });
  return new RateLimits(counterFor, () => quitRedis(redis));
}

/** rate-limiter-flexible rejects with an Error when it cannot count, and with the count when that is over the limit. */
const isOverLimit = (rejected: unknown): rejected is CountedRequest => !(rejected instanceof Error);

const tooManyRequests = (quota: number, waitMs: number): AppError =>
  new AppError(
    'rate_limited',
    'This API key has made as many requests as its plan allows in a minute. Wait for `Retry-After`.',
    {
      retryAfterMs: Math.max(1, waitMs),
      limit: { name: 'requests', quota, windowMs: RATE_WINDOW_MS },
    },
  );
