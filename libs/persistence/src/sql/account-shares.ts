import { AppError } from '@app/errors';

export interface ShareLimits {
  /** Connections that the accounts share. */
  readonly connections: number;
  /** Calls of one account that wait for a place of it. */
  readonly maxWaiting: number;
  /** How long one of them waits. */
  readonly maxWaitMs: number;
}

interface Share {
  held: number;
  /** In the order of their arrival. */
  readonly waiting: Set<() => void>;
}

/**
 * Divides the connections of a pool among accounts, by a dynamic threshold: an account may take one more only while it
 * holds fewer than are free. One account alone holds half of the pool, n busy ones 1 / (n + 1) each, and the rest is free
 * for the next account.
 */
export class AccountShares {
  /** An account goes behind the others each time that it holds nothing and begins anew. */
  readonly #shares = new Map<string, Share>();
  #held = 0;

  constructor(private readonly limits: ShareLimits) {}

  /**
   * Not for use within itself: a call that holds one place and waits for a second can wait for itself.
   * @throws AppError `rate_limited` when too many calls of the account wait, or this one has waited too long;
   * `unavailable` when `signal` aborts before there is a place.
   */
  within<Result>(
    accountId: string,
    work: () => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    if (signal?.aborted === true) return Promise.reject(callerGone());
    return this.#within(accountId, work, (share) => this.#waitFor(share, signal));
  }

  /** The same for work that may not be refused: it waits for its place as long as that takes. */
  withinPatiently<Result>(accountId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#within(accountId, work, waitPatiently);
  }

  async #within<Result>(
    accountId: string,
    work: () => Promise<Result>,
    waitFor: (share: Share) => Promise<void>,
  ): Promise<Result> {
    const share = this.#shares.get(accountId) ?? { held: 0, waiting: new Set() };
    this.#shares.set(accountId, share);
    try {
      if (share.waiting.size === 0 && this.#mayTake(share)) this.#take(share);
      else await waitFor(share);
    } catch (error) {
      this.#forgetIdle(accountId, share);
      throw error;
    }
    try {
      return await work();
    } finally {
      share.held -= 1;
      this.#held -= 1;
      this.#forgetIdle(accountId, share);
      this.#startAllowed();
    }
  }

  #mayTake({ held }: Share): boolean {
    return held < this.limits.connections - this.#held;
  }

  #take(share: Share): void {
    share.held += 1;
    this.#held += 1;
  }

  async #waitFor({ waiting }: Share, signal: AbortSignal | undefined): Promise<void> {
    if (waiting.size >= this.limits.maxWaiting) throw tooManyCalls();
    const place = Promise.withResolvers<void>();
    const enter = (): void => place.resolve();
    // A call that has given up must not be given a place in the same turn: it would never leave it.
    const giveUp = (error: AppError): void => {
      waiting.delete(enter);
      place.reject(error);
    };
    const leave = (): void => giveUp(callerGone());
    const timer = setTimeout(() => giveUp(tooManyCalls()), this.limits.maxWaitMs);
    signal?.addEventListener('abort', leave, { once: true });
    waiting.add(enter);
    try {
      await place.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    }
  }

  /** A connection that is free again may go to any account: the call that has waited longest of each is looked at. */
  #startAllowed(): void {
    for (const share of this.#shares.values()) {
      const [next] = share.waiting;
      if (!next || !this.#mayTake(share)) continue;
      share.waiting.delete(next);
      this.#take(share);
      next();
    }
  }

  #forgetIdle(accountId: string, { held, waiting }: Share): void {
    if (held === 0 && waiting.size === 0) this.#shares.delete(accountId);
  }
}

function waitPatiently({ waiting }: Share): Promise<void> {
  const place = Promise.withResolvers<void>();
  waiting.add(place.resolve);
  return place.promise;
}

/** The answer to a call whose connection was closed: nothing reads it but the log. */
export const callerGone = (): AppError =>
  new AppError('unavailable', 'The connection was closed before there was an answer.');

const tooManyCalls = (): AppError =>
  new AppError(
    'rate_limited',
    'Too many calls of this account run at the same time. Send fewer at once, and this one again in a moment.',
    { retryAfterMs: 2_000 },
  );
