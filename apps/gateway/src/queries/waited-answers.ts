import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';
import {
  type AnswerQuery,
  answerQuery,
  jobIdOf,
  JobProducer,
  type Progress,
  type Reply,
  ReplyInbox,
} from '@app/jobs';
import type { Answer, Question } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import { Pulse } from '../jobs/pulse.js';
import { silence } from '../jobs/silence.js';
import { repliedAnswerSchema } from './replied-answer.schemas.js';

const RETRY_AFTER_MS = 5_000;

export type UnsealedJob = Omit<AnswerQuery, 'stored' | 'sealed' | 'replyTo' | 'streamed'>;

/** A question that may be put to a model, and whose. */
export interface AskedQuestion {
  readonly job: UnsealedJob;
  readonly question: Question;
  readonly target: LlmTarget | undefined;
}

/** Questions that their callers wait for. Each is nowhere but in its job, and that goes when nobody waits any more. */
@Injectable()
export class WaitedAnswers {
  constructor(
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly producer: JobProducer,
    private readonly deadlines: Deadlines,
  ) {}

  /**
   * @param gone aborts when the caller goes away: then the question is taken back, and the model's call ends.
   * @param onProgress absent: nothing but the answer is sent for.
   * @throws AppError
   */
  async ask(
    { job, question, target }: AskedQuestion,
    gone: AbortSignal,
    onProgress?: (progress: Progress) => void,
  ): Promise<Answer> {
    const jobId = jobIdOf(job.queryId, job.run);
    const expiresAt = this.deadlines.questionExpiry(new Date());
    const sealed = this.sealer.seal(
      { target: target ?? null, question, expiresAt },
      bindingOf(job),
    );
    using pulse = new Pulse();
    using expected = this.inbox.expect(jobId, (progress) => {
      pulse.felt();
      onProgress?.(progress);
    });
    const replyTo = this.inbox.address;
    const streamed = onProgress !== undefined;
    let reply: Reply | undefined;
    try {
      await timed(
        'queue',
        this.producer.answer({ ...job, stored: false, sealed, replyTo, streamed }),
      );
      const leaving = AbortSignal.any([gone, pulse.lost]);
      reply = await timed('llm', expected.reply(this.deadlines.syncWaitMs, leaving));
    } finally {
      if (!reply) this.#takeBack(jobId);
    }
    if (reply?.kind === 'failure') throw AppError.fromFailure(reply.failure);
    if (reply?.kind === 'answer') return repliedAnswerSchema.parse(reply.answer);
    if (pulse.lost.aborted || gone.aborted) throw nobodyWorks();
    throw await silence(this.producer, this.inbox);
  }

  /** Nobody waits for it: it is not asked, or no further. What the queue does not hear now expires by itself. */
  #takeBack(jobId: string): void {
    void Promise.allSettled([this.inbox.cancel(jobId), this.producer.withdrawAnswer(jobId)]);
  }
}

export const bindingOf = ({
  queryId,
  run,
  accountId,
}: UnsealedJob): { queue: string; jobId: string; accountId: string } => ({
  queue: answerQuery.queue,
  jobId: jobIdOf(queryId, run),
  accountId,
});

function nobodyWorks(): AppError {
  return new AppError(
    'unavailable',
    'No worker is at this question, or the one that was went away. Try again in a moment.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
}
