import { setImmediate } from 'node:timers/promises';

/** Other jobs of this worker wait no longer than this for the event loop. */
const SLICE_MS = 10;

/** Long work in slices: between two of them the event loop runs. */
export class TimeSlice {
  #from = performance.now();

  /** Call it after each step. */
  async pauseWhenDue(): Promise<void> {
    if (performance.now() - this.#from < SLICE_MS) return;
    await setImmediate();
    this.#from = performance.now();
  }
}
