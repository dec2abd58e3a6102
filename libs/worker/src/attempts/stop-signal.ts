/** `cancelled`: the caller cancelled the job. `interrupted`: shutdown, or a lost lock. `timed-out`: ATTEMPT_TIMEOUT_MS. */
export type StopCause = 'interrupted' | 'timed-out' | 'cancelled';

/**
 * Stops one attempt, and keeps the cause. The timer is cleared at the attempt's end; `AbortSignal.timeout` would keep every
 * finished job in memory until it fires.
 */
export class StopSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #cause: StopCause | undefined;

  constructor(
    timeoutMs: number,
    private readonly lockLost: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => this.#stop('timed-out'), timeoutMs);
    lockLost?.addEventListener('abort', this.interrupt, { once: true });
    if (lockLost?.aborted === true) this.interrupt();
  }

  /** The first cause. Later ones do not replace it. */
  get cause(): StopCause | undefined {
    return this.#cause;
  }

  readonly interrupt = (): void => this.#stop('interrupted');

  cancel(): void {
    this.#stop('cancelled');
  }

  /**
   * Runs `work`, and rejects as soon as the attempt must stop, even if `work` ignores its signal. Work that has not begun
   * by then does not begin.
   */
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
    this.lockLost?.removeEventListener('abort', this.interrupt);
  }

  #stop(cause: StopCause): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}

const stopped = (): DOMException => new DOMException('The attempt was stopped.', 'AbortError');
