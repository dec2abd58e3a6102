import { KeySealer } from '@app/caller-keys';
import { failureOf } from '@app/errors';
import { jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { QueryStore } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { Deadlines } from '../deadlines.js';
import { askerOf } from '../http/caller-scope.js';
import type { CallerHere } from '../http/caller.decorator.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { EndedJobs } from '../jobs/ended-jobs.js';
import { TargetGate } from '../llm/target-gate.js';
import { AnswerResults } from './answer-results.js';
import type { AnsweredView, Query } from './queries.schemas.js';
import { type QueryEvent, queryEvents } from './query-events.js';
import { QueryQuota } from './query-quota.js';
import { questionOf } from './search.service.js';
import {
  type AskedQuestion,
  bindingOf,
  type UnsealedJob,
  WaitedAnswers,
} from './waited-answers.js';

const FIRST_RUN = 1;

/** Asking: who waits gets an answer that is kept nowhere; who does not gets a job, which is a row. */
@Injectable()
export class QueryService {
  constructor(
    private readonly gate: TargetGate,
    private readonly quota: QueryQuota,
    private readonly queries: QueryStore,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly producer: JobProducer,
    private readonly ended: EndedJobs,
    private readonly answers: AnswerResults,
    private readonly waited: WaitedAnswers,
    private readonly deadlines: Deadlines,
  ) {}

  async ask(
    caller: CallerHere,
    query: Query,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const asked = await this.#admit(caller, query);
    if (!preference.synchronous) {
      return this.quota.whileCounted(caller, gone, () =>
        this.#askLater(caller, asked, preference, gone),
      );
    }
    const answer = await this.quota.whileCounted(caller, gone, () => this.waited.ask(asked, gone));
    return { body: await this.answers.render(caller, asked.question, answer) };
  }

  /** The same answer as it comes into being. Whoever stops reading takes the question back. */
  async *stream(caller: CallerHere, query: Query, gone: AbortSignal): AsyncGenerator<QueryEvent> {
    const asked = await this.#admit(caller, query);
    const left = new AbortController();
    const waiting = AbortSignal.any([gone, left.signal]);
    try {
      yield* queryEvents(this.answers, caller, asked.question, (onProgress) =>
        this.quota.whileCounted(caller, waiting, () => this.waited.ask(asked, waiting, onProgress)),
      );
    } finally {
      left.abort();
    }
  }

  async #admit(caller: CallerHere, { llm, ...asked }: Query): Promise<AskedQuestion> {
    const question = questionOf(caller, asked);
    const target = llm ?? undefined;
    const llmAccount = await this.gate.admit(target, caller);
    const refusalsUnder = target && { refusalsUnder: caller.refusalsUnder };
    return { job: { ...jobOf(caller), llmAccount, ...refusalsUnder }, question, target };
  }

  async #askLater(
    caller: CallerHere,
    { job, question, target }: AskedQuestion,
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
    return { jobId: queryId, body: await this.ended.findQuery(caller, queryId) };
  }
}

function jobOf({ accountId }: CallerHere): Omit<UnsealedJob, 'llmAccount'> {
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
