import { answerQuery, QueueRoom } from '@app/jobs';
import { JobLifecycle } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { Deadlines } from '../deadlines.js';
import { askerOf } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { TargetGate } from '../llm/target-gate.js';
import { AnswerResults } from './answer-results.js';
import type { AnsweredView, Query } from './queries.schemas.js';
import { type QueryEvent, queryEvents } from './query-events.js';
import { QueryQuota } from './query-quota.js';
import { questionOf } from './search.service.js';
import { StoredQueries } from './stored-queries.js';
import { type AskedQuestion, type UnsealedJob, WaitedAnswers } from './waited-answers.js';

const FIRST_RUN = 1;

/** Asking: who waits gets an answer that is kept nowhere; who does not gets a job, which is a row. */
@Injectable()
export class QueryService {
  constructor(
    private readonly gate: TargetGate,
    private readonly quota: QueryQuota,
    private readonly lifecycle: JobLifecycle,
    private readonly stored: StoredQueries,
    private readonly answers: AnswerResults,
    private readonly waited: WaitedAnswers,
    private readonly deadlines: Deadlines,
    private readonly room: QueueRoom,
  ) {}

  async ask(
    caller: AuthenticatedCaller,
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
  async *stream(
    caller: AuthenticatedCaller,
    query: Query,
    gone: AbortSignal,
  ): AsyncGenerator<QueryEvent> {
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

  async #admit(caller: AuthenticatedCaller, { llm, ...asked }: Query): Promise<AskedQuestion> {
    const question = questionOf(caller, asked);
    const target = llm ?? undefined;
    const llmAccount = await this.gate.admit(target, caller);
    await timed('queue', this.room.take(answerQuery));
    const refusalsUnder = target && { refusalsUnder: caller.refusalBucket };
    return { job: { ...jobOf(caller), llmAccount, ...refusalsUnder }, question, target };
  }

  async #askLater(
    caller: AuthenticatedCaller,
    { job, question, target }: AskedQuestion,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const { queryId, llmAccount, requestId } = job;
    const deadlineAt = this.deadlines.jobDeadline(new Date());
    const asker = askerOf(caller);
    await timed(
      'db',
      this.lifecycle.accept('query', [
        { id: queryId, asker, question, llmAccount, deadlineAt, requestId },
      ]),
    );
    return this.stored.run(caller, job, target, preference, gone);
  }
}

function jobOf({ accountId }: AuthenticatedCaller): Omit<UnsealedJob, 'llmAccount'> {
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
