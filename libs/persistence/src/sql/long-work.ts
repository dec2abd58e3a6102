import { setImmediate } from 'node:timers/promises';

/** Longer synchronous work delays the other tasks of the process, such as answers and the renewal of job locks. */
const MAX_BLOCKING_MS = 20;

/** Divides long work: a loop that calls `yieldIfLong` in each step lets the event loop run every MAX_BLOCKING_MS. */
export class LoopYielder {
  #since = performance.now();

  async yieldIfLong(): Promise<void> {
    if (performance.now() - this.#since < MAX_BLOCKING_MS) return;
    await setImmediate();
    this.#since = performance.now();
  }
}

/** Limits of one statement: the JSON of its rows is built synchronously. */
const MAX_ROWS = 200;
const MAX_CHARACTERS = 1024 * 1024;

/** Collects rows and stores them in slices, so that no statement becomes too large. */
export class RowSlices<Row> {
  #rows: Row[] = [];
  #characters = 0;

  /** @param store stores one slice. */
  constructor(private readonly store: (rows: readonly Row[]) => Promise<void>) {}

  /** @param characters the length of all texts of the row. */
  async add(row: Row, characters: number): Promise<void> {
    this.#rows.push(row);
    this.#characters += characters;
    if (this.#rows.length >= MAX_ROWS || this.#characters >= MAX_CHARACTERS) await this.flush();
  }

  /** Stores the remaining rows. */
  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    this.#characters = 0;
    await this.store(rows);
  }
}
