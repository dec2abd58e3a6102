import { type Progress, type ReplyOutbox, within } from '@app/jobs';
import { HEARTBEAT_MS, LAST_PROGRESS_TIMEOUT_MS } from '@app/jobs/policy';

export interface ProgressSenderOptions {
  readonly outbox: ReplyOutbox;
  /** Absent: no gateway waits, and nothing is sent. */
  readonly address: string | undefined;
  readonly jobId: string;
}

/**
 * Sends heartbeats and progress of a job to the gateway that waits for it. It sends one message at a time, so that they keep
 * their order; deltas that arrive while one is being sent are coalesced into the next.
 */
export class ProgressSender implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #unsent: Progress[] = [];
  #deltas = 0;
  #sending: Promise<void> | undefined;

  constructor(private readonly options: ProgressSenderOptions) {
    if (options.address === undefined) return;
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  retrieved(retrieval: unknown): void {
    this.#send({ kind: 'retrieval', jobId: this.options.jobId, retrieval });
  }

  piece(text: string): void {
    const last = this.#unsent.at(-1);
    if (last?.kind === 'delta') {
      this.#unsent[this.#unsent.length - 1] = { ...last, text: last.text + text };
      return;
    }
    this.#send({ kind: 'delta', jobId: this.options.jobId, at: this.#deltas, text });
    this.#deltas += 1;
  }

  /** Waits until everything is sent, so that the reply comes last. The wait is short, because progress may be lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.#sending) await within(this.#sending, LAST_PROGRESS_TIMEOUT_MS, undefined);
  }

  #beat(): void {
    // A message that is being sent shows as well that the job is alive.
    if (!this.#sending) this.#send({ kind: 'heartbeat', jobId: this.options.jobId });
  }

  #send(progress: Progress): void {
    this.#unsent.push(progress);
    this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    const { outbox, address } = this.options;
    for (let next = this.#unsent.shift(); next; next = this.#unsent.shift()) {
      if (address !== undefined) await outbox.sendProgress(address, next).catch(() => undefined);
    }
    this.#sending = undefined;
  }
}
