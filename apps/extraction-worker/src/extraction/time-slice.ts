import { waitForLoopTurn } from '@app/llm-providers';

/** Other jobs of this worker wait no longer than this for the event loop. */
const SLICE_MS = 10;

/** Long work in slices: between two of them the event loop runs, and one slice of all accounts' work in each of its turns. */
export class TimeSlice {
  #from = performance.now();

  /** Call it after each step. */
  async pauseWhenDue(): Promise<void> {
    if (performance.now() - this.#from < SLICE_MS) return;
    await waitForLoopTurn();
    this.#from = performance.now();
  }
}
