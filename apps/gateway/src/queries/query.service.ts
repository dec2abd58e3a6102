import { QuotaStore } from '@app/accounts';
import { failureOf } from '@app/errors';
import { answerQuery } from '@app/jobs';
import type { NewQuery } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';

import { Deadlines } from '../deadlines.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { currentRequestId, firstRunOf, type UnstoredQuestion } from '../dispatch/job-payloads.js';
import { askerOf } from '../http/auth/caller-scope.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { TargetGate } from '../llm/target-gate.js';
import { AnswerResults } from './answer-results.js';
import type { AnsweredView, Query } from './queries.schemas.js';
import { type QueryEvent, queryEvents } from './query-events.js';
import { questionOf } from './search.service.js';

/** Asks a question. A synchronous or streamed answer is stored nowhere. With `respond-async` or `wait=N` the query has a row. */
@Injectable()
export class QueryService {
  constructor(
    private readonly gate: TargetGate,
    private readonly quota: QuotaStore,
    private readonly dispatcher: Dispatcher,
    private readonly answers: AnswerResults,
    private readonly deadlines: Deadlines,
  ) {}

  async ask(
    caller: AuthenticatedCaller,
    query: Query,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const asked = await this.#admit(caller, query);
    if (!preference.synchronous) {
      return this.#counted(caller, gone, () => this.#queue(caller, asked, preference, gone));
    }
    const answer = await this.#counted(caller, gone, () =>
      this.dispatcher.ask(caller, asked, gone),
    );
    return { body: await this.answers.renderAnswer(caller, asked.question, answer) };
  }

  /** Streams the answer while it is generated. A client that disconnects withdraws the question. */
  async *stream(
    caller: AuthenticatedCaller,
    query: Query,
    gone: AbortSignal,
  ): AsyncGenerator<QueryEvent> {
    const asked = await this.#admit(caller, query);
    const closed = new AbortController();
    const over = AbortSignal.any([gone, closed.signal]);
    try {
      yield* queryEvents(this.answers, caller, asked.question, (onProgress) =>
        this.#counted(caller, over, () => this.dispatcher.ask(caller, asked, over, onProgress)),
      );
    } finally {
      closed.abort();
    }
  }

  async #admit(caller: AuthenticatedCaller, { llm, ...asked }: Query): Promise<UnstoredQuestion> {
    const question = questionOf(caller, asked);
    const target = llm ?? undefined;
    const llmAccount = await this.gate.admit(target, caller);
    await this.dispatcher.reserveRoom(answerQuery);
    return { question, llmAccount, target };
  }

  async #queue(
    caller: AuthenticatedCaller,
    { question, llmAccount, target }: UnstoredQuestion,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const query: NewQuery = {
      id: uuidv7(),
      asker: askerOf(caller),
      question,
      llmAccount,
      deadlineAt: this.deadlines.jobDeadline(new Date()),
      requestId: currentRequestId(),
    };
    await this.dispatcher.acceptQuery(query);
    return this.dispatcher.run(caller, firstRunOf('query', query), target, preference, gone);
  }

  /**
   * Counts the query against the quota when it is accepted. It stays counted when the model or its provider fails.
   * @throws AppError `quota_exceeded`, or the error of `ask`; where Aurra itself failed, the query is given back.
   */
  async #counted<Asked>(
    { accountId, tier }: AuthenticatedCaller,
    gone: AbortSignal,
    ask: () => Promise<Asked>,
  ): Promise<Asked> {
    const call = { accountId, kind: 'query', limit: tier.queriesPerMonth } as const;
    const counted = await timed('db', this.quota.count(call));
    try {
      return await ask();
    } catch (error) {
      // The error that a disconnected caller causes is not Aurra's.
      if (isOwnFault(error) && !gone.aborted)
        await this.quota.giveBack(call, counted).catch(() => undefined);
      throw error;
    }
  }
}

const isOwnFault = (error: unknown): boolean =>
  ['unavailable', 'internal'].includes(failureOf(error).code);
