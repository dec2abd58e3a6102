const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 500;

/**
 * Reads the rows of concurrent callers with few statements. There is no timer and no cache: at most two statements are in
 * flight, and the keys that are asked for meanwhile form the next one. So a statement never begins before the call that it answers.
 */
export class GroupedReads<Found> {
  /** The callers that wait for the next statement, by their key. */
  readonly #waiting = new Map<string, PromiseWithResolvers<Found | undefined>>();
  #inFlight = 0;

  /** @param read finds the rows of these keys, of which no two are equal. */
  constructor(
    private readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Found>>,
  ) {}

  get(key: string): Promise<Found | undefined> {
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      waiting = Promise.withResolvers();
      this.#waiting.set(key, waiting);
      this.#start();
    }
    return waiting.promise;
  }

  #start(): void {
    if (this.#inFlight >= MAX_IN_FLIGHT || this.#waiting.size === 0) return;
    const batch = [...this.#waiting].slice(0, MAX_BATCH);
    for (const [key] of batch) this.#waiting.delete(key);
    this.#inFlight += 1;
    void this.#run(batch).finally(() => {
      this.#inFlight -= 1;
      this.#start();
    });
  }

  async #run(
    batch: readonly (readonly [string, PromiseWithResolvers<Found | undefined>])[],
  ): Promise<void> {
    try {
      const found = await this.read(batch.map(([key]) => key));
      for (const [key, { resolve }] of batch) resolve(found.get(key));
    } catch (error) {
      for (const [, { reject }] of batch) reject(error);
    }
  }
}
