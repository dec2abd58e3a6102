import { keyUnavailable, type SealBinding } from '@app/caller-keys';
import { KeyOpener } from '@app/caller-keys/opener';
import { runForAccount } from '@app/egress';
import type { Failure } from '@app/errors';
import {
  type AnswerQuery,
  answerQuery,
  jobIdOf,
  type OpenedEnvelope,
  OpenedEnvelopes,
  type Reply,
  ReplyOutbox,
} from '@app/jobs';
import { meterAccount, type ModelAccount, ModelAccounts } from '@app/llm-providers';
import { type Answer, JobLifecycle, type QueryClaim, type Question } from '@app/memory';
import { requestContext } from '@app/observability';
import { SpendingRecorder } from '@app/persistence';
import {
  type ActiveJob,
  type Attempt,
  guardedByLock,
  type JobProcessor,
  ProgressSender,
} from '@app/worker';
import { Injectable } from '@nestjs/common';

import { type AnswerListener, AnsweringService } from './answering.service.js';
import { readEnclosedQuestion } from './question.schemas.js';

/** Answers one question: reads it from its row or envelope, chooses the model account that pays, and delivers the answer. */
@Injectable()
export class AnswerQueryProcessor implements JobProcessor<typeof answerQuery> {
  constructor(
    private readonly lifecycle: JobLifecycle,
    private readonly keys: KeyOpener,
    private readonly accounts: ModelAccounts,
    private readonly answering: AnsweringService,
    private readonly outbox: ReplyOutbox,
    private readonly spending: SpendingRecorder,
    private readonly opened: OpenedEnvelopes,
  ) {}

  async begin(payload: AnswerQuery, active: ActiveJob): Promise<Attempt<Answer> | Reply> {
    const context = requestContext.get();
    if (context) context.accountId = payload.accountId;
    return payload.stored
      ? this.#beginStored(payload, active.job.id)
      : guardedByLock(active, this.#beginEnclosed(payload, active.job.id));
  }

  async endRow(id: string, run: number, failure: Failure): Promise<boolean> {
    const [claim] = await this.lifecycle.claim('query', [{ id, run }]);
    return claim !== undefined && this.#fail(claim, failure);
  }

  async #succeed(claim: QueryClaim, result: Answer): Promise<boolean> {
    const [outcome] = await this.lifecycle.succeed('query', [{ claim, result }]);
    if (outcome?.status === 'rejected') throw outcome.reason;
    return outcome?.value !== undefined;
  }

  async #fail(claim: QueryClaim, failure: Failure): Promise<boolean> {
    const [failed] = await this.lifecycle.fail('query', [{ job: claim, failure }]);
    return failed === true;
  }

  /** An asynchronous query: its row has the question and gets the answer. */
  async #beginStored(
    payload: AnswerQuery,
    queueJobId: string | undefined,
  ): Promise<Attempt<Answer> | Reply> {
    const settled: Reply = { kind: 'settled', jobId: jobIdOf(payload.queryId, payload.run) };
    // The queue allows one job per id. A copy under another id would call the model a second time.
    if (queueJobId !== settled.jobId) return settled;
    const { queryId: id, run } = payload;
    const [claim] = await this.lifecycle.claim('query', [{ id, run }]);
    if (!claim) return settled;
    return {
      isWaitedFor: () => Promise.resolve(false),
      deadlineAt: claim.deadlineAt,
      begun: claim.attempt,
      work: async (signal) => {
        // Row and payload must agree, so that a job never changes from one model account to the other.
        if (payload.llmAccount !== claim.llmAccount) throw keyUnavailable();
        const account =
          claim.llmAccount === 'bundled'
            ? this.accounts.bundled()
            : this.accounts.ofCaller(this.#open(payload, claim.asker.accountId).target);
        return this.#answer(claim.asker.accountId, claim.question, account, signal);
      },
      complete: async (answer) => ((await this.#succeed(claim, answer)) ? settled : undefined),
      fail: async (failure) => ((await this.#fail(claim, failure)) ? settled : undefined),
      handBack: async () => (await this.lifecycle.handBack('query', [claim]))[0] === true,
    };
  }

  /** A synchronous query has no row: its question is in the envelope, and its answer in the reply only. */
  #beginEnclosed(payload: AnswerQuery, queueJobId: string | undefined): Attempt<Answer> {
    const jobId = jobIdOf(payload.queryId, payload.run);
    let opened: OpenedEnvelope | undefined;
    return {
      isWaitedFor: () => Promise.resolve(true),
      // No attempt follows a failure, because the caller can repeat the call.
      deadlineAt: new Date(),
      // When a job counts as stalled, its heartbeats have been missing for so long that the gateway no longer waits.
      mostStalls: 1,
      work: async (signal) => {
        const address = payload.replyTo;
        await using progress = new ProgressSender({ outbox: this.outbox, address, jobId });
        const { question, account, expiresAt } = this.#readEnclosed(payload);
        opened = await this.opened.note(bindingOf(payload), queueJobId, expiresAt);
        const listener = payload.streamed === true ? progress : undefined;
        return await this.#answer(payload.accountId, question, account, signal, listener);
      },
      complete: (answer) => {
        this.#noteSpending(payload.accountId, answer);
        return Promise.resolve({ kind: 'answer', jobId, answer });
      },
      fail: (failure) => Promise.resolve({ kind: 'failure', jobId, failure }),
      handBack: async () => {
        await opened?.release();
        return true;
      },
    };
  }

  #answer(
    accountId: string,
    question: Question,
    account: ModelAccount,
    signal: AbortSignal,
    listener?: AnswerListener,
  ): Promise<Answer> {
    const metering = meterAccount(account);
    const payer = { accountId, owner: account.owner };
    return this.spending.recordOnFailure(payer, metering.client, () =>
      runForAccount(accountId, () => this.answering.answer(question, metering, signal, listener)),
    );
  }

  #noteSpending(accountId: string, { generation }: Answer): void {
    const { llmCalls: calls, usage, byoLlm } = generation;
    this.spending.record({ accountId, owner: byoLlm ? 'caller' : 'bundled', calls, ...usage });
  }

  #readEnclosed(payload: AnswerQuery): EnclosedQuestion {
    const { target, question: enclosed, expiresAt } = this.#open(payload, payload.accountId);
    const question = readEnclosedQuestion(enclosed);
    const agrees = (target === null) === (payload.llmAccount === 'bundled');
    if (question.scope.accountId !== payload.accountId || !agrees) throw keyUnavailable();
    const account = target ? this.accounts.ofCaller(target) : this.accounts.bundled();
    return { question, account, expiresAt };
  }

  #open(payload: AnswerQuery, accountId: string): ReturnType<KeyOpener['open']> {
    return this.keys.open(payload.sealed, bindingOf({ ...payload, accountId }), new Date());
  }
}

interface EnclosedQuestion {
  readonly question: Question;
  readonly account: ModelAccount;
  readonly expiresAt: Date;
}

const bindingOf = ({ queryId, run, accountId }: AnswerQuery): SealBinding => ({
  queue: answerQuery.queue,
  jobId: jobIdOf(queryId, run),
  accountId,
});
