import { AppError } from '@app/errors';

/** What a limiter of rate-limiter-flexible says of a name, whether or not it lets one more pass. */
interface Consumed {
  readonly remainingPoints: number;
  readonly msBeforeNext: number;
}

/** The part of rate-limiter-flexible that is used here, whatever it counts in. */
export interface RequestCounter {
  consume(name: string): Promise<Consumed>;
}

export const RATE_WINDOW_MS = 60_000;

/** What is left of a minute, after one request more. */
export interface RateLeft {
  readonly quota: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** How many requests one API key may make in a minute, whichever gateway they come to. */
export class RateLimits {
  /** One for each limit: they count under the same names, so that another tier begins with what was used. */
  readonly #counters = new Map<number, RequestCounter>();

  constructor(
    private readonly counterFor: (perMinute: number) => RequestCounter,
    private readonly closeCounters: () => Promise<void>,
  ) {}

  /** @throws AppError `rate_limited`. Where nothing can be counted the request passes. */
  async take(apiKeyId: string, perMinute: number): Promise<RateLeft> {
    const counter = this.#counters.get(perMinute) ?? this.counterFor(perMinute);
    this.#counters.set(perMinute, counter);
    try {
      const { remainingPoints, msBeforeNext } = await counter.consume(apiKeyId);
      return { quota: perMinute, remaining: remainingPoints, resetMs: msBeforeNext };
    } catch (refused) {
      if (!isRefusal(refused))
        return { quota: perMinute, remaining: perMinute, resetMs: RATE_WINDOW_MS };
      throw tooMany(perMinute, refused.msBeforeNext);
    }
  }

  async close(): Promise<void> {
    await this.closeCounters();
  }
}

/** It rejects with an Error where it cannot count, and with what it counted where that is too much. */
const isRefusal = (rejected: unknown): rejected is Consumed => !(rejected instanceof Error);

const tooMany = (quota: number, waitMs: number): AppError =>
  new AppError(
    'rate_limited',
    'This API key has made as many requests as its plan allows in a minute. Wait for `Retry-After`.',
    {
      retryAfterMs: Math.max(1, waitMs),
      limit: { name: 'requests', quota, windowMs: RATE_WINDOW_MS },
    },
  );
