import type { Expected, Reply } from './reply.js';

/** A last look for a missed copy is taken this long before a wait runs out. */
const LAST_LOOK_MS = 250;

/** Who waits for which job, in this process. */
export class Waiters {
  readonly #waiting = new Map<string, (reply: Reply) => void>();

  /** @param lookFor fetches the copies of replies that were missed, and gives them to `deliver`. */
  constructor(private readonly lookFor: (jobIds: readonly string[]) => Promise<void>) {}

  get jobIds(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  deliver(reply: Reply): void {
    this.#waiting.get(reply.jobId)?.(reply);
  }

  expect(jobId: string): Expected {
    const { promise: arrived, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(jobId, resolve);
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
    if (signal?.aborted) abort();
    try {
      return await Promise.race([arrived, over]);
    } finally {
      clearTimeout(lastLook);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}
