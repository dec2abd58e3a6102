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
