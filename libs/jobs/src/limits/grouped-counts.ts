import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Redis } from 'ioredis';

/** One MGET, and the keys that it will read, or has read. */
interface Reading {
  readonly keys: string[];
  readonly values: Promise<(string | null)[]>;
}

/** Reads the counters of all calls that ask in one turn of the event loop with one MGET. Nothing is kept. */
export class GroupedCounts {
  #next: Reading | undefined;

  constructor(private readonly redis: Pick<Redis, 'mget'>) {}

  /** @returns 0 for a key that does not exist. */
  async get(key: string): Promise<number> {
    const { keys, values } = (this.#next ??= this.#prepare());
    const index = keys.push(key) - 1;
    return Number((await values)[index] ?? 0);
  }

  #prepare(): Reading {
    const keys: string[] = [];
    const read = async (): Promise<(string | null)[]> => {
      await nextTurn();
      this.#next = undefined;
      return this.redis.mget(keys);
    };
    return { keys, values: read() };
  }
}
