import { AppError } from '@app/errors';

const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 500;

interface WaitingItem<Item> {
  readonly item: Item;
  readonly settle: PromiseWithResolvers<void>;
}

/**
 * Commits the items of concurrent callers in few statements. There is no timer: at most two batches are in flight, and the
 * items that arrive meanwhile form the next batch.
 */
export class GroupCommit<Item> {
  readonly #waiting: WaitingItem<Item>[] = [];
  #inFlight = 0;

  /** @param commit may return, in the order of the items, the error of each item that was refused alone. */
  constructor(
    private readonly commit: (
      items: readonly Item[],
    ) => Promise<readonly (Error | undefined)[] | undefined>,
  ) {}

  /** Resolves when the item is committed, and rejects with the error of this item. */
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

  async #run(batch: readonly WaitingItem<Item>[]): Promise<void> {
    try {
      const refusals = await this.commit(batch.map(({ item }) => item));
      for (const [index, { settle }] of batch.entries()) {
        const refusal = refusals?.[index];
        if (refusal === undefined) settle.resolve();
        else settle.reject(refusal);
      }
    } catch (error) {
      // A bad item must not fail the others of its batch. A database that is down fails all of them alike.
      if (batch.length > 1 && !isDown(error)) return this.#runOneByOne(batch);
      for (const { settle } of batch) settle.reject(error);
    }
  }

  async #runOneByOne(batch: readonly WaitingItem<Item>[]): Promise<void> {
    for (const one of batch) await this.#run([one]);
  }
}

const isDown = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'unavailable';
