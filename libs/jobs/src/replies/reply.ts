import type { Failure } from '@app/errors';

/** The message by which a worker gives a waiting gateway the result of a job. */
export type Reply =
  /** The row has the outcome. */
  | { readonly kind: 'settled'; readonly jobId: string }
  /** The answer of a job without a row: it exists in this reply only. */
  | { readonly kind: 'answer'; readonly jobId: string; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly jobId: string; readonly failure: Failure };

/** A message that a worker sends while the job runs. Progress may be lost; only the reply counts. */
export type Progress =
  | { readonly kind: 'heartbeat'; readonly jobId: string }
  | { readonly kind: 'retrieval'; readonly jobId: string; readonly retrieval: unknown }
  /** A piece of the answer. `at` counts the pieces of one attempt from 0: after a gap the stream cannot go on. */
  | { readonly kind: 'delta'; readonly jobId: string; readonly at: number; readonly text: string };

/** A wait for the reply of one job. Create it before adding the job, because a fast job replies at once. */
export interface ExpectedReply {
  /** The reply; undefined when `timeoutMs` ran out or `signal` was aborted. */
  reply(timeoutMs: number, signal?: AbortSignal): Promise<Reply | undefined>;
  /** Ends the wait. */
  [Symbol.dispose](): void;
}

/** The gateway's side: one channel per process. */
export abstract class ReplyInbox {
  /** The address of this inbox. Job payloads carry it as `replyTo`. */
  abstract readonly address: string;
  /** @param onProgress gets the progress before the reply, in the order in which it was sent. */
  abstract expect(jobId: string, onProgress?: (progress: Progress) => void): ExpectedReply;
  /** Ends every wait without a reply, and every later one at once, because this process shuts down. */
  abstract giveUp(): void;
  abstract get hasGivenUp(): boolean;
  /** Tells every worker to stop this job, and every gateway that waits for it that its row may have ended. */
  abstract cancel(jobId: string): Promise<void>;
}

/** The worker's side. */
export abstract class ReplyOutbox {
  abstract send(address: string, reply: Reply): Promise<void>;
  /** Sends progress. Await each call before the next, because concurrent messages may change their order. */
  abstract sendProgress(address: string, progress: Progress): Promise<void>;
  /** Calls `listener` with every cancel, from any gateway and for any worker. */
  abstract onCancel(listener: (jobId: string) => void): void;
}
