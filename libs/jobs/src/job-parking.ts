import { RunningPlaces } from './running-places.js';

/** A parked job goes back into the queue after this, because another worker may have a place for it. */
const PARKED_AT_MOST_MS = 1_000;
/** Bounds how often jobs go back: ten thousand that wait for one account must not spin through the queue. */
const LOOK_EVERY_MS = 50;
/** A job that starts shows that other accounts' jobs stand behind parked ones, in the order that turns between accounts. */
const BACK_FOR_EACH_START = 2;

interface ParkedJob {
  readonly account: string;
  readonly jobId: string | undefined;
  readonly since: number;
  /** With a place the job starts; without one it goes back into the queue. */
  readonly leave: (place: Disposable | undefined) => void;
}

/**
 * Gives the jobs that one worker has fetched their running places. A job whose account is over its share is parked: its
 * lock is kept and nothing has begun. It starts when its account may have a place. When parked jobs fill the worker, the
 * longest parked go back into the queue, so that the worker finds the jobs of other accounts behind them.
 */
export class JobParking {
  readonly #places: RunningPlaces;
  /** In the order of their arrival. */
  readonly #parked = new Set<ParkedJob>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(concurrency: number) {
    this.#places = new RunningPlaces(concurrency);
  }

  /** What the worker may fetch at once: those that run, and those that are parked. */
  get slots(): number {
    return this.#places.mostTaken;
  }

  /** @returns a place if the account may have one now. */
  tryEnter(account: string): Disposable | undefined {
    if (!this.#places.mayTake(account)) return undefined;
    const place = this.#take(account);
    if (this.#isFull) this.#sendBack(BACK_FOR_EACH_START);
    return place;
  }

  /**
   * Waits until the account may have a place.
   * @param signal aborts when the job's lock is lost.
   * @returns undefined when the job must go back into the queue instead.
   */
  async park(
    account: string,
    jobId: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Disposable | undefined> {
    if (this.#isClosed || signal?.aborted) return undefined;
    const { promise, resolve: leave } = Promise.withResolvers<Disposable | undefined>();
    const parked: ParkedJob = { account, jobId, since: Date.now(), leave };
    const lockLost = (): void => {
      this.#remove(parked);
      leave(undefined);
    };
    signal?.addEventListener('abort', lockLost, { once: true });
    this.#parked.add(parked);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', lockLost);
      this.#remove(parked);
    }
  }

  /** Whatever the account's share: a job that was cancelled ends by starting. */
  enterAnyway(account: string): Disposable {
    return this.#take(account);
  }

  /** Ends the parking of a job that was cancelled, with a place. */
  startAnyway(jobId: string): void {
    for (const parked of this.#parked) if (parked.jobId === jobId) this.#start(parked);
  }

  /** Parked jobs go back into the queue, and none is parked any more. */
  close(): void {
    this.#isClosed = true;
    this.#sendBack(this.#parked.size);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get #isFull(): boolean {
    return this.#places.taken + this.#parked.size >= this.slots;
  }

  #take(account: string): Disposable {
    const place = this.#places.take(account);
    let isFree = false;
    return {
      [Symbol.dispose]: () => {
        if (isFree) return;
        isFree = true;
        place[Symbol.dispose]();
        this.#startAllowed();
      },
    };
  }

  #startAllowed(): void {
    for (const parked of this.#parked)
      if (this.#places.mayTake(parked.account)) this.#start(parked);
  }

  #start(parked: ParkedJob): void {
    this.#remove(parked);
    parked.leave(this.#take(parked.account));
  }

  #look(): void {
    const [longest] = this.#parked;
    if (!longest) return;
    if (this.#isFull || Date.now() - longest.since > PARKED_AT_MOST_MS) this.#sendBack(1);
  }

  #sendBack(count: number): void {
    for (const parked of [...this.#parked].slice(0, count)) {
      this.#remove(parked);
      parked.leave(undefined);
    }
  }

  #remove(parked: ParkedJob): void {
    this.#parked.delete(parked);
    if (this.#parked.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
