/** Running places of a worker for each job that it may run for one account. */
const PLACES_PER_JOB = 1.5;
/** An account may start one more job while it runs fewer than this many times the free places. */
const SHARE_OF_FREE = 2;

/**
 * Shares the running places of one worker between accounts by a dynamic threshold: an account may start one more job only
 * while it runs fewer than twice as many as there are free places. One account alone runs `concurrency` jobs; of n busy
 * accounts each runs 2 / (2n + 1) of the places, and some places stay free for the next account. No running job is stopped:
 * an account over its share gets no new place until enough of its jobs have ended.
 */
export class RunningPlaces {
  /** With an odd `concurrency` this ends in a half, which counts only for the threshold. */
  readonly #places: number;
  readonly #running = new Map<string, number>();
  #taken = 0;

  constructor(concurrency: number) {
    this.#places = concurrency * PLACES_PER_JOB;
  }

  get mostTaken(): number {
    return Math.floor(this.#places);
  }

  get taken(): number {
    return this.#taken;
  }

  mayTake(account: string): boolean {
    const free = this.#places - this.#taken;
    return (this.#running.get(account) ?? 0) < SHARE_OF_FREE * free;
  }

  /** Takes a place even if the account may not. Disposal frees it. */
  take(account: string): Disposable {
    this.#taken += 1;
    this.#running.set(account, (this.#running.get(account) ?? 0) + 1);
    return { [Symbol.dispose]: () => this.#free(account) };
  }

  #free(account: string): void {
    this.#taken -= 1;
    const left = (this.#running.get(account) ?? 1) - 1;
    if (left > 0) this.#running.set(account, left);
    else this.#running.delete(account);
  }
}
