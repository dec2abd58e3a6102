/** The permits of one account that are in use, and the requests that wait for one. */
interface AccountQueue {
  inUse: number;
  /** Functions that each give a permit to one request, in the order of arrival. */
  readonly waiting: Set<() => void>;
}

/** A semaphore for each account: a request takes one of the account's permits, or waits until another request of the same account releases one. */
export class AccountSemaphore {
  readonly #queues = new Map<string, AccountQueue>();

  constructor(private readonly permitsPerAccount: number) {}

  /** @returns the permit, which is released when it is disposed; undefined if none became free before `signal` aborted. */
  async acquire(account: string, signal: AbortSignal): Promise<Disposable | undefined> {
    const queue = this.#queueOf(account);
    if (queue.inUse >= this.permitsPerAccount) {
      const hasPermit = await waitForPermit(queue, signal);
      if (!hasPermit) return undefined;
    } else queue.inUse += 1;
    return { [Symbol.dispose]: () => this.#release(account, queue) };
  }

  #queueOf(account: string): AccountQueue {
    const known = this.#queues.get(account);
    if (known) return known;
    const queue: AccountQueue = { inUse: 0, waiting: new Set() };
    this.#queues.set(account, queue);
    return queue;
  }

  /** Passes the permit to the request that has waited longest, and `inUse` stays the same; frees it if no request waits. */
  #release(account: string, queue: AccountQueue): void {
    const [next] = queue.waiting;
    if (next) return next();
    queue.inUse -= 1;
    if (queue.inUse === 0) this.#queues.delete(account);
  }
}

function waitForPermit({ waiting }: AccountQueue, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const settle = (hasPermit: boolean): void => {
    waiting.delete(grant);
    signal.removeEventListener('abort', giveUp);
    resolve(hasPermit);
  };
  const grant = (): void => settle(true);
  const giveUp = (): void => settle(false);
  waiting.add(grant);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return promise;
}
