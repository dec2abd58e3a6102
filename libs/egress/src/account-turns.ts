interface Line {
  underWay: number;
  /** In the order of their arrival. */
  readonly waiting: Set<() => void>;
}

/** Gives each account a bounded number of turns at once; a request over the bound waits for one of its own account's. */
export class AccountTurns {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly mostUnderWay: number) {}

  /** @returns the turn, which ends when it is disposed of; undefined when none came free before `signal` aborted. */
  async take(account: string, signal: AbortSignal): Promise<Disposable | undefined> {
    const line = this.#lineOf(account);
    if (line.underWay >= this.mostUnderWay) {
      const isMine = await nextTurn(line, signal);
      if (!isMine) return undefined;
    } else line.underWay += 1;
    return { [Symbol.dispose]: () => this.#leave(account, line) };
  }

  #lineOf(account: string): Line {
    const known = this.#lines.get(account);
    if (known) return known;
    const line: Line = { underWay: 0, waiting: new Set() };
    this.#lines.set(account, line);
    return line;
  }

  /** A turn that ends goes to the longest waiting request; `underWay` stays as it is then. */
  #leave(account: string, line: Line): void {
    const [next] = line.waiting;
    if (next) return next();
    line.underWay -= 1;
    if (line.underWay === 0) this.#lines.delete(account);
  }
}

function nextTurn({ waiting }: Line, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const settle = (isMine: boolean): void => {
    waiting.delete(begin);
    signal.removeEventListener('abort', giveUp);
    resolve(isMine);
  };
  const begin = (): void => settle(true);
  const giveUp = (): void => settle(false);
  waiting.add(begin);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return promise;
}
