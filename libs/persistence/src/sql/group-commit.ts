import { AppError } from '@app/errors';

const MAX_IN_FLIGHT = 2;
const MAX_BATCH = 500;

/** What a batch may hold. */
export interface BatchLimits<Item> {
  readonly maxItems?: number;
  /** A batch ends before the item that would make it heavier than `maxWeight`. An item that is heavier is a batch alone. */
  readonly maxWeight?: number;
  readonly weightOf?: (item: Item) => number;
  /** No batch holds two items with the same key: it ends before the second one. */
  readonly keyOf?: (item: Item) => unknown;
  /** Items of different lanes are taken in turn, so that a lane with many items does not delay the others. */
  readonly laneOf?: (item: Item) => unknown;
}

interface WaitingItem<Item, Result> {
  readonly item: Item;
  readonly settle: PromiseWithResolvers<Result>;
}

/**
 * Commits the items of concurrent callers in few statements. There is no timer: at most two batches are in flight, and the
 * items that arrive meanwhile form the next batch.
 */
export class GroupCommit<Item, Result = undefined> {
  /** The lane whose turn it is comes first. A lane without items is removed. */
  readonly #lanes = new Map<unknown, WaitingItem<Item, Result>[]>();
  readonly #limits: Required<BatchLimits<Item>>;
  #inFlight = 0;

  /** @param commit returns the result or the error of each item, in their order; undefined: all items have the result undefined. */
  constructor(
    private readonly commit: (
      items: readonly Item[],
    ) => Promise<readonly (NoInfer<Result> | Error)[] | undefined>,
    limits: BatchLimits<Item> = {},
  ) {
    this.#limits = { ...UNLIMITED, ...limits };
  }

  /** Resolves when the item is committed, and rejects with the error of this item. */
  add(item: Item): Promise<Result> {
    const settle = Promise.withResolvers<Result>();
    const lane = this.#limits.laneOf(item);
    const waiting = this.#lanes.get(lane) ?? [];
    waiting.push({ item, settle });
    this.#lanes.set(lane, waiting);
    this.#start();
    return settle.promise;
  }

  #start(): void {
    if (this.#inFlight >= MAX_IN_FLIGHT || this.#lanes.size === 0) return;
    const batch = this.#takeBatch();
    this.#inFlight += 1;
    void this.#run(batch).finally(() => {
      this.#inFlight -= 1;
      this.#start();
    });
  }

  /** Takes one item of each lane in turn, until the batch is full. */
  #takeBatch(): readonly WaitingItem<Item, Result>[] {
    const { maxItems, maxWeight, weightOf, keyOf } = this.#limits;
    const batch: WaitingItem<Item, Result>[] = [];
    const keys = new Set<unknown>();
    let weight = 0;
    while (batch.length < maxItems) {
      const [first] = this.#lanes;
      const [next] = first?.[1] ?? [];
      if (first === undefined || next === undefined) break;
      weight += weightOf(next.item);
      const key = keyOf(next.item);
      if (batch.length > 0 && (weight > maxWeight || keys.has(key))) break;
      keys.add(key);
      batch.push(next);
      const [lane, waiting] = first;
      waiting.shift();
      this.#lanes.delete(lane);
      if (waiting.length > 0) this.#lanes.set(lane, waiting);
    }
    return batch;
  }

  async #run(batch: readonly WaitingItem<Item, Result>[]): Promise<void> {
    try {
      const results = await this.commit(batch.map(({ item }) => item));
      for (const [index, { settle }] of batch.entries()) {
        const result = results?.[index];
        if (result instanceof Error) settle.reject(result);
        else settle.resolve(result as Result);
      }
    } catch (error) {
      // A bad item must not fail the others of its batch. A database that is down fails all of them alike.
      if (batch.length > 1 && !isDown(error)) return this.#runOneByOne(batch);
      for (const { settle } of batch) settle.reject(error);
    }
  }

  async #runOneByOne(batch: readonly WaitingItem<Item, Result>[]): Promise<void> {
    for (const one of batch) await this.#run([one]);
  }
}

/** Without a key of its own, each item is different from all others. */
const UNLIMITED: Required<BatchLimits<unknown>> = {
  maxItems: MAX_BATCH,
  maxWeight: Infinity,
  weightOf: () => 0,
  keyOf: (item) => item,
  laneOf: () => undefined,
};

const isDown = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'unavailable';
