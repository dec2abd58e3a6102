import { LAST_COPY_CHECK_MS } from '../policy.js';
import type { ExpectedReply, Progress, Reply } from './reply.js';

interface Waiter {
  readonly reply: (reply: Reply) => void;
  readonly progress: ((progress: Progress) => void) | undefined;
}

/** The jobs that this process waits for. */
export class Waiters {
  readonly #waiting = new Map<string, Waiter>();
  /** Functions that each end one wait. One promise shared by all waits would keep each of them in memory until shutdown. */
  readonly #ends = new Set<() => void>();
  #hasGivenUp = false;

  /** @param lookFor reads the copies of replies to these jobs, and passes them to `deliver`. */
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

  /** @param message undefined when it could not be read; it is dropped then. */
  deliver(message: Reply | Progress | undefined): void {
    if (!message) return;
    const waiter = this.#waiting.get(message.jobId);
    if (isProgress(message)) waiter?.progress?.(message);
    else waiter?.reply(message);
  }

  /** Ends the wait for a cancelled job. Its row may have ended, so the waiting call reads the row. */
  deliverCancel(jobId: string | undefined): void {
    if (jobId !== undefined) this.deliver({ kind: 'settled', jobId });
  }

  expect(jobId: string, onProgress?: (progress: Progress) => void): ExpectedReply {
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
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
    const copyCheck = setTimeout(
      () => void this.lookFor([jobId]).catch(() => undefined),
      Math.max(0, timeoutMs - LAST_COPY_CHECK_MS),
    );
    const timer = setTimeout(() => end(undefined), timeoutMs);
    const abort = (): void => end(undefined);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted || this.#hasGivenUp) abort();
    this.#ends.add(abort);
    try {
      return await Promise.race([arrived, ended]);
    } finally {
      clearTimeout(copyCheck);
      clearTimeout(timer);
      this.#ends.delete(abort);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function isProgress(message: Reply | Progress): message is Progress {
  return message.kind === 'heartbeat' || message.kind === 'retrieval' || message.kind === 'delta';
}
