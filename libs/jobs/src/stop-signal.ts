/**
 * Why one attempt should stop: it was interrupted (shutdown, a lost lock) or it is overdue.
 * A timer of our own, cleared at the end: `AbortSignal.timeout` would keep five minutes of finished jobs in memory.
 */
export class StopSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #cause: 'interrupted' | 'overdue' | undefined;

  constructor(
    deadlineMs: number,
    private readonly cancelled: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => this.#stop('overdue'), deadlineMs);
    cancelled?.addEventListener('abort', this.interrupt, { once: true });
    if (cancelled?.aborted === true) this.interrupt();
  }

  /** The first cause counts. */
  get cause(): 'interrupted' | 'overdue' | undefined {
    return this.#cause;
  }

  readonly interrupt = (): void => this.#stop('interrupted');

  /** Rejects as soon as the attempt should stop, whether or not `work` heeds its signal. */
  async bound<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { signal } = this.#controller;
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(new DOMException('The attempt was stopped.', 'AbortError'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await Promise.race([stopped, Promise.resolve().then(() => work(signal))]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.cancelled?.removeEventListener('abort', this.interrupt);
  }

  #stop(cause: 'interrupted' | 'overdue'): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}
