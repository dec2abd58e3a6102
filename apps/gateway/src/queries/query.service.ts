import type { Caller } from '@app/accounts';
import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { AppError, failureOf } from '@app/errors';
import { type AnswerQuery, answerQuery, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { type Answer, type Question, QueryStore } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { Deadlines } from '../deadlines.js';
import { askerOf } from '../http/caller-scope.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { EndedJobs } from '../jobs/ended-jobs.js';
import { TargetGate } from '../llm/target-gate.js';
import { AnswerResults } from './answer-results.js';
import type { AnsweredView, Query } from './queries.schemas.js';
import { questionOf } from './search.service.js';

const FIRST_RUN = 1;
const REACHABLE_WITHIN_MS = 1_000;
const RETRY_AFTER_MS = 5_000;

/** Asking: who waits gets an answer that is kept nowhere; who does not gets a job, which is a row. */
@Injectable()
export class QueryService {
  constructor(
    private readonly gate: TargetGate,
    private readonly queries: QueryStore,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly producer: JobProducer,
    private readonly ended: EndedJobs,
    private readonly answers: AnswerResults,
    private readonly deadlines: Deadlines,
  ) {}

  async ask(
    caller: Caller,
    { llm, ...asked }: Query,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const question = questionOf(caller, asked);
    const target = llm ?? undefined;
    const job = { ...this.#jobOf(caller), llmAccount: this.gate.admit(target) };
    return preference.synchronous
      ? { body: await this.#askNow(job, question, target, gone) }
      : this.#askLater(caller, job, question, target, preference, gone);
  }

  async #askNow(
    job: UnsealedJob,
    question: Question,
    target: LlmTarget | undefined,
    gone: AbortSignal,
  ): Promise<AnsweredView> {
    const expiresAt = this.deadlines.questionExpiry(new Date());
    const sealed = this.sealer.seal(
      { target: target ?? null, question, expiresAt },
      bindingOf(job),
    );
    using expected = this.inbox.expect(jobIdOf(job.queryId, job.run));
    const replyTo = this.inbox.address;
    await timed('queue', this.producer.answer({ ...job, stored: false, sealed, replyTo }));
    const reply = await timed('llm', expected.reply(this.deadlines.syncWaitMs, gone));
    if (reply?.kind === 'failure') throw AppError.fromFailure(reply.failure);
    if (reply?.kind === 'answer') return this.answers.render(question, reply.answer as Answer);
    throw await this.#silence();
  }

  async #askLater(
    caller: Caller,
    job: UnsealedJob,
    question: Question,
    target: LlmTarget | undefined,
    { waitMs }: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const { queryId, llmAccount, requestId } = job;
    const now = new Date();
    const deadlineAt = this.deadlines.jobDeadline(now);
    const asker = askerOf(caller);
    await timed(
      'db',
      this.queries.accept({ id: queryId, asker, question, llmAccount, deadlineAt, requestId }),
    );
    const expiresAt = this.deadlines.keyExpiry(now);
    const sealed = target && this.sealer.seal({ target, expiresAt }, bindingOf(job));
    using expected = this.inbox.expect(jobIdOf(queryId, job.run));
    try {
      const replyTo = waitMs > 0 ? { replyTo: this.inbox.address } : {};
      const sending = this.producer.answer({
        ...job,
        stored: true,
        ...(sealed && { sealed }),
        ...replyTo,
      });
      await timed('queue', sending);
    } catch (error) {
      // The caller hears of the queue, whatever becomes of the row: without a job it ends by itself.
      await this.queries.withdraw(queryId, failureOf(error)).catch(() => undefined);
      throw error;
    }
    if (waitMs === 0) return { jobId: queryId };
    await timed('llm', expected.reply(waitMs, gone));
    return { jobId: queryId, body: await this.ended.findQuery(caller.accountId, queryId) };
  }

  #jobOf({ accountId }: Caller): Omit<UnsealedJob, 'llmAccount'> {
    const { requestId = '', traceparent } = requestContext.get() ?? {};
    return {
      v: 1,
      queryId: randomUUID(),
      run: FIRST_RUN,
      accountId,
      requestId,
      ...(traceparent !== undefined && { traceparent }),
    };
  }

  /** Nobody answered. With the queue there, it was the model, or whoever should have asked it. */
  async #silence(): Promise<AppError> {
    const isThere = await this.producer.isReachable(REACHABLE_WITHIN_MS);
    return isThere
      ? new AppError(
          'llm_unavailable',
          'No answer came in time. Try again, or ask with `Prefer: respond-async`.',
          {
            retryAfterMs: RETRY_AFTER_MS,
          },
        )
      : new AppError(
          'unavailable',
          'The queue went away before an answer came. Try again in a moment.',
          {
            retryAfterMs: RETRY_AFTER_MS,
          },
        );
  }
}

type UnsealedJob = Omit<AnswerQuery, 'stored' | 'sealed' | 'replyTo'>;

const bindingOf = ({
  queryId,
  run,
  accountId,
}: UnsealedJob): { queue: string; jobId: string; accountId: string } => ({
  queue: answerQuery.queue,
  jobId: jobIdOf(queryId, run),
  accountId,
});
