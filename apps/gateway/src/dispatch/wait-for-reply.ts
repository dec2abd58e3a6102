import { AppError } from '@app/errors';
import {
  answerQuery,
  type ExpectedReply,
  type JobProducer,
  type Progress,
  type ReplyInbox,
} from '@app/jobs';
import {
  HEARTBEAT_MS,
  LOST_AFTER_HEARTBEATS,
  QUEUE_REACHABLE_TIMEOUT_MS,
  REPLY_POLL_MS,
  RETRY_AFTER_MS,
} from '@app/jobs/policy';
import type { z } from 'zod';

import { restarting } from '../http/shutdown.js';

const HEARTBEAT_TIMEOUT_MS = LOST_AFTER_HEARTBEATS * HEARTBEAT_MS;

/** A job with a row, while this process waits for it. */
interface AwaitedJob {
  readonly inbox: Pick<ReplyInbox, 'hasGivenUp'>;
  readonly expected: ExpectedReply;
  /** Reads the job's row. */
  readonly hasEnded: () => Promise<boolean>;
}

/**
 * Waits until the reply arrives or the row has ended. The row is polled because a reply may be lost, as when Redis
 * restarts, and because a job that upkeep queued again has no address to reply to.
 * @returns false: the wait ran out, the caller disconnected, or this process is shutting down.
 */
export async function waitForReply(
  { inbox, expected, hasEnded }: AwaitedJob,
  waitMs: number,
  gone: AbortSignal,
): Promise<boolean> {
  for (let left = waitMs; left > 0; left -= REPLY_POLL_MS) {
    if (await expected.reply(Math.min(left, REPLY_POLL_MS), gone)) return true;
    if (gone.aborted || inbox.hasGivenUp) return false;
    if (left > REPLY_POLL_MS && (await hasEnded())) return true;
  }
  return false;
}

/** Aborts `lost` when a worker sends no heartbeat for fifteen seconds. Any progress counts as a heartbeat. */
export class HeartbeatTimeout implements Disposable {
  readonly #lost = new AbortController();
  readonly #timer = setTimeout(() => this.#lost.abort(), HEARTBEAT_TIMEOUT_MS);

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  restart(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** The error when no reply arrived in time: this process shuts down, the queue is unreachable, or the model was too slow. */
export async function noReplyError(producer: JobProducer, inbox: ReplyInbox): Promise<AppError> {
  if (inbox.hasGivenUp) return restarting();
  return (await producer.isReachable(QUEUE_REACHABLE_TIMEOUT_MS))
    ? new AppError(
        'llm_unavailable',
        'No answer came in time. Try again; a question may be asked with `Prefer: respond-async`.',
        { retryAfterMs: RETRY_AFTER_MS },
      )
    : new AppError(
        'unavailable',
        'The connection to the queue was lost before an answer came. Try again in a moment.',
        { retryAfterMs: RETRY_AFTER_MS },
      );
}

/** The error when heartbeats stop: no worker took the job, or its worker crashed. */
export const heartbeatLostError = (): AppError =>
  new AppError(
    'unavailable',
    'No worker took this question, or its worker was lost. Try again in a moment.',
    { retryAfterMs: RETRY_AFTER_MS },
  );

export type RepliedAnswer = z.output<typeof answerQuery.reply>;

/** A progress message of a query without a row. Progress may be lost: only the reply counts. */
export type QueryProgress =
  | { readonly kind: 'retrieval'; readonly retrieval: z.output<typeof answerQuery.retrieval> }
  /** A piece of the answer. `at` counts the pieces of one attempt from 0. */
  | { readonly kind: 'delta'; readonly at: number; readonly text: string };

/** @returns undefined for a heartbeat, and for a retrieval that cannot be read: the reply has it too. */
export function readProgress(progress: Progress): QueryProgress | undefined {
  if (progress.kind === 'delta') return progress;
  if (progress.kind === 'heartbeat') return undefined;
  const read = answerQuery.retrieval.safeParse(progress.retrieval);
  return read.success ? { kind: 'retrieval', retrieval: read.data } : undefined;
}
