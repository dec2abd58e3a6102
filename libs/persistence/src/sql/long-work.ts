import { setImmediate } from 'node:timers/promises';

/** Work in one go holds up everything else of the process: answers, and the renewal of a job's lock. */
const MAX_MS_IN_ONE_GO = 20;

/** Divides long work: a loop that calls `giveWay` in each step lets the event loop run every few milliseconds. */
export class EventLoop {
  #since = performance.now();

  async giveWay(): Promise<void> {
    if (performance.now() - this.#since < MAX_MS_IN_ONE_GO) return;
    await setImmediate();
    this.#since = performance.now();
  }
}

/** One statement takes so many rows, and so many characters of them: more would be made into JSON in one go. */
const MAX_ROWS = 200;
const MAX_CHARACTERS = 1024 * 1024;

/** Gathers rows for statements of moderate size. */
export class RowSlices<Row> {
  #rows: Row[] = [];
  #characters = 0;

  /** @param store takes one slice. */
  constructor(private readonly store: (rows: readonly Row[]) => Promise<void>) {}

  /** @param characters how long the row's texts are. */
  async add(row: Row, characters: number): Promise<void> {
    this.#rows.push(row);
    this.#characters += characters;
    if (this.#rows.length >= MAX_ROWS || this.#characters >= MAX_CHARACTERS) await this.flush();
  }

  /** Stores what is left. */
  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const rows = this.#rows;
    this.#rows = [];
    this.#characters = 0;
    await this.store(rows);
  }
}
