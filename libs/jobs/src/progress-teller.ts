import type { Progress, ReplyOutbox } from './reply.js';

/** Whoever waits gives up after three of these without a word. */
export const HEARTBEAT_MS = 5_000;
/** Progress may be lost: an attempt does not wait for a queue that is gone. */
const LAST_WORD_WITHIN_MS = 2_000;

export interface ProgressTellerOptions {
  readonly outbox: ReplyOutbox;
  /** Absent: nobody waits, nothing is told. */
  readonly address: string | undefined;
  readonly jobId: string;
}

/**
 * Tells whoever waits that a job is alive and how far it has come. One message at a time, so that they keep their order;
 * pieces of the answer that come while one is under way go together in the next.
 */
export class ProgressTeller implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout | undefined;
  #untold: Progress[] = [];
  #pieces = 0;
  #telling: Promise<void> | undefined;

  constructor(private readonly options: ProgressTellerOptions) {
    if (options.address === undefined) return;
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  retrieved(retrieval: unknown): void {
    this.#tell({ kind: 'retrieval', jobId: this.options.jobId, retrieval });
  }

  piece(text: string): void {
    const last = this.#untold.at(-1);
    if (last?.kind === 'delta') {
      this.#untold[this.#untold.length - 1] = { ...last, text: last.text + text };
      return;
    }
    this.#tell({ kind: 'delta', jobId: this.options.jobId, at: this.#pieces, text });
    this.#pieces += 1;
  }

  /** Everything is told, or as good as: the reply may follow. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#telling) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_WORD_WITHIN_MS);
    await Promise.race([this.#telling, late]);
    clearTimeout(timer);
  }

  #beat(): void {
    // What is under way says it as well.
    if (!this.#telling) this.#tell({ kind: 'heartbeat', jobId: this.options.jobId });
  }

  #tell(progress: Progress): void {
    this.#untold.push(progress);
    this.#telling ??= this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    const { outbox, address } = this.options;
    for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
      if (address !== undefined) await outbox.tell(address, next).catch(() => undefined);
    }
    this.#telling = undefined;
  }
}
