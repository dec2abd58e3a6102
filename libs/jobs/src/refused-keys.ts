import { AppError } from '@app/errors';

import type { Attempt } from './attempt.js';
import { Probation } from './probation.js';

/** What a limiter of rate-limiter-flexible says of a name. */
interface Counted {
  readonly consumedPoints: number;
  readonly msBeforeNext: number;
}

/** The part of rate-limiter-flexible that is used here, whatever it counts in. */
export interface RefusalCounter {
  get(name: string): Promise<Counted | null>;
  penalty(name: string): Promise<Counted>;
}

export const REFUSALS_ALLOWED = 10;
export const REFUSALS_WINDOW_MS = 60_000;

/**
 * How often providers refused the keys of one caller, in whichever process it was found out: a caller who tries keys out
 * is stopped before the next one reaches a provider. What is counted goes by a name that is made from the Aurra key's id
 * and the client's address. Nothing here knows a provider key.
 */
export class RefusedKeys {
  readonly #probation = new Probation();

  constructor(
    private readonly counter: RefusalCounter,
    private readonly closeCounter: () => Promise<void>,
  ) {}

  /**
   * @returns how many were refused lately.
   * @throws AppError `rate_limited` where those were too many. What the counter itself throws is passed on.
   */
  async check(under: string): Promise<number> {
    const counted = await this.counter.get(under);
    if (!counted || counted.consumedPoints < REFUSALS_ALLOWED) return counted?.consumedPoints ?? 0;
    throw tooMany(counted.msBeforeNext);
  }

  async count(under: string): Promise<void> {
    this.#probation.begin(under);
    await this.counter.penalty(under);
  }

  /** The same attempt, which asks no provider for a caller whose keys were refused too often, and counts if one is now. */
  watch<Outcome>(attempt: Attempt<Outcome>, under: string | undefined): Attempt<Outcome> {
    if (under === undefined) return attempt;
    return {
      ...attempt,
      work: (signal) => this.guard(under, () => attempt.work(signal)),
    };
  }

  /** Makes a call with a caller's key, unless too many of theirs were refused, and counts if this one is. */
  async guard<Result>(under: string, call: () => Promise<Result>): Promise<Result> {
    const refused = await this.#checkOrUnavailable(under);
    using place = this.#probation.enter(under, refused, REFUSALS_ALLOWED);
    if (place.wait !== undefined) throw tooMany(place.wait);
    try {
      return await call();
    } catch (error) {
      // Before anybody hears of it: whoever asks again at once is counted. The provider's answer stands either way.
      if (error instanceof AppError && error.code === 'llm_auth_failed')
        await this.count(under).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.closeCounter();
  }

  /** A call that could not be counted is not made. The counter is where the queue is, so this is rare and passes. */
  async #checkOrUnavailable(under: string): Promise<number> {
    try {
      return await this.check(under);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('unavailable', 'The queue went away. Try again in a moment.', { cause });
    }
  }
}

const tooMany = (waitMs: number): AppError =>
  new AppError(
    'rate_limited',
    'Providers refused too many of the keys that came with this API key from your address. Check `llm.key`; calls with `llm` are possible again in a moment, others are not affected.',
    {
      retryAfterMs: Math.max(1, waitMs),
      limit: { name: 'refused-keys', quota: REFUSALS_ALLOWED, windowMs: REFUSALS_WINDOW_MS },
    },
  );
