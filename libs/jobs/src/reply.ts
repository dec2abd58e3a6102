import type { Failure } from '@app/errors';

/** What a worker tells the gateway that waits for one job. */
export type Reply =
  /** The row has the outcome. */
  | { readonly kind: 'settled'; readonly jobId: string }
  /** A synchronous query's answer: it is nowhere else. */
  | { readonly kind: 'answer'; readonly jobId: string; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly jobId: string; readonly failure: Failure };

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
  abstract expect(jobId: string): Expected;
}

/** The worker's side. */
export abstract class ReplyOutbox {
  abstract send(address: string, reply: Reply): Promise<void>;
}
