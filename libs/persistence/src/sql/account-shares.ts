import { AppError } from '@app/errors';

export interface ShareLimits {
  /** Connections of the pool. */
  readonly connections: number;
  /** How many calls of one account may wait for a connection. */
  readonly maxWaiting: number;
  /** How long a call waits for a connection. */
  readonly maxWaitMs: number;
}

interface Share {
  held: number;
  /** In the order of their arrival. */
  readonly waiting: Set<() => void>;
}

/**
 * Divides the connections of a pool among accounts, by a dynamic threshold: an account may take another connection only while
 * it holds fewer connections than are free. One busy account gets half of the pool, n busy accounts get 1 / (n + 1) each, and
 * as much stays free for the next account.
 */
export class AccountShares {
  /** In the order in which the accounts became busy: an idle account is removed, and starts at the end again. */
  readonly #shares = new Map<string, Share>();
  #held = 0;

  constructor(private readonly limits: ShareLimits) {}

  /**
   * Runs `work` as soon as the account may take a connection. Never call it inside `work`: a call that holds one connection
   * and waits for a second one can wait for itself.
   * @throws AppError `rate_limited` when too many calls of the account wait, or this one has waited too long;
   * `unavailable` when `signal` aborts before `work` begins.
   */
  within<Result>(
    accountId: string,
    work: () => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    if (signal?.aborted === true) return Promise.reject(callerDisconnected());
    return this.#within(accountId, work, (share) => this.#waitFor(share, signal));
  }

  /** The same for work that must not be refused: `maxWaiting` and `maxWaitMs` do not apply to it. */
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
    // A call that has given up must leave `waiting` at once: otherwise it could be given a connection that it never returns.
    const giveUp = (error: AppError): void => {
      waiting.delete(enter);
      place.reject(error);
    };
    const leave = (): void => giveUp(callerDisconnected());
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

  /** Starts the first waiting call of each account that may take a connection now that one is free. */
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

/** The error of a call whose caller has disconnected, so only the log shows it. */
export const callerDisconnected = (): AppError =>
  new AppError('unavailable', 'The connection was closed before there was an answer.');

const tooManyCalls = (): AppError =>
  new AppError(
    'rate_limited',
    'Too many calls of this account run at the same time. Send fewer at once, and this one again in a moment.',
    { retryAfterMs: 2_000 },
  );
