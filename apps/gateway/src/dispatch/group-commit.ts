import { AppError } from '@app/errors';

const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 500;

interface Waiting<Item> {
  readonly item: Item;
  readonly settle: PromiseWithResolvers<void>;
}

/**
 * Commits what many callers bring in few statements. Nobody waits on a timer: at most two batches are in flight, and
 * what arrives meanwhile forms the next.
 */
export class GroupCommit<Item> {
  readonly #waiting: Waiting<Item>[] = [];
  #inFlight = 0;

  /** @param commit may tell, for each item in their order, why that one alone was refused. */
  constructor(
    private readonly commit: (
      items: readonly Item[],
    ) => Promise<readonly (Error | undefined)[] | undefined>,
  ) {}

  /** Resolves when the item is committed, and rejects with its own failure. */
  add(item: Item): Promise<void> {
    const settle = Promise.withResolvers<void>();
    this.#waiting.push({ item, settle });
    this.#start();
    return settle.promise;
  }

  #start(): void {
    if (this.#inFlight >= MAX_IN_FLIGHT || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, MAX_BATCH);
    this.#inFlight += 1;
    void this.#run(batch).finally(() => {
      this.#inFlight -= 1;
      this.#start();
    });
  }

  async #run(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      const refusals = await this.commit(batch.map(({ item }) => item));
      for (const [index, { settle }] of batch.entries()) {
        const refusal = refusals?.[index];
        if (refusal === undefined) settle.resolve();
        else settle.reject(refusal);
      }
    } catch (error) {
      // One bad item must not fail its neighbours; what is down is down for all of them.
      if (batch.length > 1 && !isDown(error)) return this.#runOneByOne(batch);
      for (const { settle } of batch) settle.reject(error);
    }
  }

  async #runOneByOne(batch: readonly Waiting<Item>[]): Promise<void> {
    for (const one of batch) await this.#run([one]);
  }
}

const isDown = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'unavailable';
