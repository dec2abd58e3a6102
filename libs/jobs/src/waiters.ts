import type { Expected, Progress, Reply } from './reply.js';

/** A last look for a missed copy is taken this long before a wait runs out. */
const LAST_LOOK_MS = 250;

interface Waiter {
  readonly reply: (reply: Reply) => void;
  readonly progress: ((progress: Progress) => void) | undefined;
}

/** Who waits for which job, in this process. */
export class Waiters {
  readonly #waiting = new Map<string, Waiter>();
  /** What ends each wait: a promise for all of them would keep every one of a day in memory. */
  readonly #ends = new Set<() => void>();
  #hasGivenUp = false;

  /** @param lookFor fetches the copies of replies that were missed, and gives them to `deliver`. */
  constructor(private readonly lookFor: (jobIds: readonly string[]) => Promise<void>) {}

  get jobIds(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  giveUp(): void {
    this.#hasGivenUp = true;
    for (const end of this.#ends) end();
  }

  /** @param message undefined when it could not be read: then nothing happens. */
  deliver(message: Reply | Progress | undefined): void {
    if (!message) return;
    const waiter = this.#waiting.get(message.jobId);
    if (isProgress(message)) waiter?.progress?.(message);
    else waiter?.reply(message);
  }

  /** A job was cancelled: the row of a job that is waited for may have ended. */
  deliverCancel(jobId: string | undefined): void {
    if (jobId !== undefined) this.deliver({ kind: 'settled', jobId });
  }

  expect(jobId: string, onProgress?: (progress: Progress) => void): Expected {
    const { promise: arrived, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(jobId, { reply: resolve, progress: onProgress });
    return {
      reply: (timeoutMs, signal) => this.#replyWithin(jobId, arrived, timeoutMs, signal),
      [Symbol.dispose]: () => void this.#waiting.delete(jobId),
    };
  }

  async #replyWithin(
    jobId: string,
    arrived: Promise<Reply>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Reply | undefined> {
    const { promise: over, resolve: end } = Promise.withResolvers<undefined>();
    const lastLook = setTimeout(
      () => void this.lookFor([jobId]).catch(() => undefined),
      Math.max(0, timeoutMs - LAST_LOOK_MS),
    );
    const timer = setTimeout(() => end(undefined), timeoutMs);
    const abort = (): void => end(undefined);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted || this.#hasGivenUp) abort();
    this.#ends.add(abort);
    try {
      return await Promise.race([arrived, over]);
    } finally {
      clearTimeout(lastLook);
      clearTimeout(timer);
      this.#ends.delete(abort);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function isProgress(message: Reply | Progress): message is Progress {
  return message.kind === 'heartbeat' || message.kind === 'retrieval' || message.kind === 'delta';
}
