import { AsyncLocalStorage } from 'node:async_hooks';

const accounts = new AsyncLocalStorage<string>();

/** Runs `work` for an account: the look-ups of host names in it count towards the bound of this account. */
export function runForAccount<Result>(accountId: string, work: () => Result): Result {
  return accounts.run(accountId, work);
}

/** The account of the running call. All calls outside of `runForAccount` share one account with an empty name. */
export const callingAccount = (): string => accounts.getStore() ?? '';

/** The running and the waiting requests of one account. */
interface AccountQueue {
  running: number;
  /** In the order of arrival. */
  readonly waiting: Set<() => void>;
}

/** Lets each account run a bounded number of requests at once. A request over the bound waits until another one of the same account ends. */
export class AccountTurns {
  readonly #queues = new Map<string, AccountQueue>();

  constructor(private readonly maxRunning: number) {}

  /** @returns the turn, which ends when it is disposed; undefined if none became free before `signal` aborted. */
  async take(account: string, signal: AbortSignal): Promise<Disposable | undefined> {
    const queue = this.#queueOf(account);
    if (queue.running >= this.maxRunning) {
      const hasTurn = await nextTurn(queue, signal);
      if (!hasTurn) return undefined;
    } else queue.running += 1;
    return { [Symbol.dispose]: () => this.#leave(account, queue) };
  }

  #queueOf(account: string): AccountQueue {
    const known = this.#queues.get(account);
    if (known) return known;
    const queue: AccountQueue = { running: 0, waiting: new Set() };
    this.#queues.set(account, queue);
    return queue;
  }

  /** Passes the turn to the request that has waited longest, so `running` does not change; without one it frees the turn. */
  #leave(account: string, queue: AccountQueue): void {
    const [next] = queue.waiting;
    if (next) return next();
    queue.running -= 1;
    if (queue.running === 0) this.#queues.delete(account);
  }
}

function nextTurn({ waiting }: AccountQueue, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const settle = (hasTurn: boolean): void => {
    waiting.delete(begin);
    signal.removeEventListener('abort', giveUp);
    resolve(hasTurn);
  };
  const begin = (): void => settle(true);
  const giveUp = (): void => settle(false);
  waiting.add(begin);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return promise;
}
