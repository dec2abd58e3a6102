import { HEARTBEAT_MS } from '@app/jobs';

/** Three heartbeats: one may be late, and one may be lost. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

/** Watches that a job is not forgotten: whoever works at it is heard of again and again. */
export class Pulse implements Disposable {
  readonly #lost = new AbortController();
  readonly #timer = setTimeout(() => this.#lost.abort(), SILENCE_MS);

  /** Aborted once nothing was heard for fifteen seconds. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  felt(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
