/** `cancelled`: whoever asked for it wants it no more. `interrupted`: shutdown, or a lost lock. */
export type StopCause = 'interrupted' | 'overdue' | 'cancelled';

/**
 * Why one attempt should stop.
 * A timer of our own, cleared at the end: `AbortSignal.timeout` would keep five minutes of finished jobs in memory.
 */
export class StopSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #cause: StopCause | undefined;

  constructor(
    deadlineMs: number,
    private readonly interrupted: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => this.#stop('overdue'), deadlineMs);
    interrupted?.addEventListener('abort', this.interrupt, { once: true });
    if (interrupted?.aborted === true) this.interrupt();
  }

  /** The first cause counts. */
  get cause(): StopCause | undefined {
    return this.#cause;
  }

  readonly interrupt = (): void => this.#stop('interrupted');

  cancel(): void {
    this.#stop('cancelled');
  }

  /** Rejects as soon as the attempt should stop, whether or not `work` heeds its signal; then work that has not begun does not. */
  async bound<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { signal } = this.#controller;
    if (signal.aborted) throw stopped();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(stopped());
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([aborted, Promise.resolve().then(() => work(signal))]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.interrupted?.removeEventListener('abort', this.interrupt);
  }

  #stop(cause: StopCause): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}

const stopped = (): DOMException => new DOMException('The attempt was stopped.', 'AbortError');
