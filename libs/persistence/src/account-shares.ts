import { AppError } from '@app/errors';

export interface ShareLimits {
  /** Connections that one account holds at a time. */
  readonly places: number;
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

/** Divides the connections of a pool among accounts: one that holds its share waits, while those of others go on. */
export class AccountShares {
  readonly #shares = new Map<string, Share>();

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
    if (share.held < this.limits.places) {
      share.held += 1;
      this.#shares.set(accountId, share);
    } else await waitFor(share);
    try {
      return await work();
    } finally {
      this.#leave(accountId, share);
    }
  }

  async #waitFor({ waiting }: Share, signal: AbortSignal | undefined): Promise<void> {
    if (waiting.size >= this.limits.maxWaiting) throw tooManyCalls();
    const place = Promise.withResolvers<void>();
    const enter = (): void => place.resolve();
    const leave = (): void => place.reject(callerGone());
    const timer = setTimeout(() => place.reject(tooManyCalls()), this.limits.maxWaitMs);
    signal?.addEventListener('abort', leave, { once: true });
    waiting.add(enter);
    try {
      await place.promise;
    } finally {
      waiting.delete(enter);
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    }
  }

  /** A place goes to the call that has waited longest, and so is not counted anew. */
  #leave(accountId: string, share: Share): void {
    const [next] = share.waiting;
    if (next) {
      share.waiting.delete(next);
      next();
      return;
    }
    share.held -= 1;
    if (share.held === 0) this.#shares.delete(accountId);
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
