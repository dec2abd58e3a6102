import type { Failure } from '@app/errors';

/** What a worker tells the gateway that waits for one job. */
export type Reply =
  /** The row has the outcome. */
  | { readonly kind: 'settled'; readonly jobId: string }
  /** A synchronous query's answer: it is nowhere else. */
  | { readonly kind: 'answer'; readonly jobId: string; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly jobId: string; readonly failure: Failure };

/** What a worker tells while a job still runs. It may be lost: the reply alone counts. */
export type Progress =
  | { readonly kind: 'heartbeat'; readonly jobId: string }
  | { readonly kind: 'retrieval'; readonly jobId: string; readonly retrieval: unknown }
  /** A piece of the answer. `at` counts the pieces of one attempt from 0: who misses one cannot go on. */
  | { readonly kind: 'delta'; readonly jobId: string; readonly at: number; readonly text: string };

/** One job that somebody waits for. Begin to expect before the job is added: a fast job replies first. */
export interface Expected {
  /** The reply; undefined when `timeoutMs` ran out or `signal` was aborted. */
  reply(timeoutMs: number, signal?: AbortSignal): Promise<Reply | undefined>;
  /** Stop expecting. */
  [Symbol.dispose](): void;
}

/** The gateway's side: one channel of its own per process. */
export abstract class ReplyInbox {
  /** Travels in job payloads as `replyTo`. */
  abstract readonly address: string;
  /** @param onProgress hears what comes before the reply, in the order in which it was told. */
  abstract expect(jobId: string, onProgress?: (progress: Progress) => void): Expected;
  /** Every wait ends now, without a reply, and none begins any more: this process is about to end. */
  abstract giveUp(): void;
  abstract get hasGivenUp(): boolean;
  /** Tells every worker that this job is not wanted any more, and whoever still waits for it that its row may have ended. */
  abstract cancel(jobId: string): Promise<void>;
}

/** The worker's side. */
export abstract class ReplyOutbox {
  abstract send(address: string, reply: Reply): Promise<void>;
  /** The same for what may be lost. One after the other, or they may change their order. */
  abstract tell(address: string, progress: Progress): Promise<void>;
  /** Hears every cancel, of whichever gateway and for whichever worker. */
  abstract onCancel(listener: (jobId: string) => void): void;
}
