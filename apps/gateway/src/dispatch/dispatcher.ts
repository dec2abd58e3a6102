import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { AppError, type Failure, failureOf } from '@app/errors';
import {
  answerQuery,
  CONTRACT_OF,
  type ExpectedReply,
  type ExtractMemories,
  type JobContract,
  jobIdOf,
  JobProducer,
  QueueRoom,
  ReplyInbox,
  verifyLlm,
} from '@app/jobs';
import { type JobKind, JobLifecycle, type NewQuery, type NewWrite, ReplayStore } from '@app/memory';
import { timed } from '@app/observability';
import { GroupCommit } from '@app/persistence';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { Deadlines } from '../deadlines.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import {
  firstRunOf,
  JobPayloads,
  type JobSender,
  type StoredRun,
  type UnstoredQuestion,
} from './job-payloads.js';
import { JobResults, type JobViews } from './job-results.js';
import {
  heartbeatLostError,
  HeartbeatTimeout,
  noReplyError,
  type QueryProgress,
  readProgress,
  type RepliedAnswer,
  waitForReply,
} from './wait-for-reply.js';

/** A write that is not durable yet, and the target to seal into its job. */
export interface DraftedWrite {
  readonly write: NewWrite;
  /** Undefined if no model call of this write uses the caller's target. */
  readonly sealed: LlmTarget | undefined;
}

/**
 * Hands jobs to the workers: makes the row durable, seals the caller's target, enqueues the job, and waits for the result
 * as long as the caller does. A job without a row skips the first step, and its reply carries the result.
 */
@Injectable()
export class Dispatcher {
  readonly #payloads: JobPayloads;
  readonly #accepting: GroupCommit<NewWrite>;
  readonly #enqueueing: GroupCommit<ExtractMemories>;

  constructor(
    sealer: KeySealer,
    private readonly deadlines: Deadlines,
    private readonly lifecycle: JobLifecycle,
    private readonly replays: ReplayStore,
    private readonly room: QueueRoom,
    private readonly producer: JobProducer,
    private readonly inbox: ReplyInbox,
    private readonly results: JobResults,
  ) {
    this.#payloads = new JobPayloads(sealer, deadlines);
    this.#accepting = new GroupCommit((batch) => lifecycle.accept('write', batch));
    this.#enqueueing = new GroupCommit(async (batch) => {
      await producer.extract(batch);
      return undefined;
    });
  }

  /** Call before anything is durable. @throws AppError `unavailable` when the queue is full. */
  async reserveRoom(contract: JobContract, count = 1): Promise<void> {
    await timed('queue', this.room.take(contract, count));
  }

  /**
   * @returns false if an earlier call under the same Idempotency-Key has already made the write durable.
   * @throws AppError the reason why the write is refused. No row is then kept.
   */
  async acceptWrite(write: NewWrite, resumed: boolean): Promise<boolean> {
    if (resumed && (await this.#missing([write])).length === 0) return false;
    await this.reserveRoom(CONTRACT_OF.write);
    await timed('db', this.#accepting.add(write));
    return true;
  }

  /** Makes many writes durable in one transaction. @returns the failures of the refused writes, by the id of the write. */
  async acceptWrites(
    writes: readonly NewWrite[],
    resumed: boolean,
  ): Promise<ReadonlyMap<string, Failure>> {
    const missing = resumed ? await this.#missing(writes) : writes;
    if (missing.length === 0) return new Map();
    await this.reserveRoom(CONTRACT_OF.write, missing.length);
    const refusals = await timed('db', this.lifecycle.accept('write', missing));
    return new Map(
      missing.flatMap(({ id }, index) => {
        const refusal = refusals[index];
        return refusal ? [[id, refusal.toFailure()] as const] : [];
      }),
    );
  }

  async acceptQuery(query: NewQuery): Promise<void> {
    const [refusal] = await timed('db', this.lifecycle.accept('query', [query]));
    if (refusal) throw refusal;
  }

  /**
   * Enqueues a durable job, and waits for its result as long as the caller does.
   * @throws AppError the failure of the job; `unavailable` if the queue did not accept the job and upkeep cannot enqueue
   * it: its row has then failed too.
   */
  async run<Kind extends JobKind>(
    sender: JobSender,
    job: StoredRun<Kind>,
    target: LlmTarget | undefined,
    { waitMs, synchronous }: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<JobViews[Kind]>> {
    const { inbox } = this;
    // Expect the reply before the job is enqueued: a fast worker may reply before `#enqueue` returns.
    using expected = inbox.expect(jobIdOf(job.id, job.run));
    const isQueued = await this.#enqueue(sender, job, target, waitMs > 0);
    const waits = isQueued && waitMs > 0;
    const findResult = () => this.results.find(sender, job.kind, job.id);
    const hasEnded = async () => (await findResult()) !== undefined;
    const replied =
      waits && (await timed('llm', waitForReply({ inbox, expected, hasEnded }, waitMs, gone)));
    if (!replied && synchronous) await this.#stopWaiting(job);
    if (!waits || gone.aborted) return { jobId: job.id };
    return { jobId: job.id, body: await findResult() };
  }

  /**
   * Enqueues many durable writes in one round trip.
   * @returns the failures of the writes that the queue did not accept and upkeep cannot enqueue, by the id of the write.
   */
  async runWrites(
    sender: JobSender,
    drafts: readonly DraftedWrite[],
  ): Promise<ReadonlyMap<string, Failure>> {
    if (drafts.length === 0) return new Map();
    const jobs = drafts.map(({ write, sealed }) => ({
      run: firstRunOf('write', write),
      target: sealed,
    }));
    try {
      await timed('queue', this.producer.extract(this.#payloads.writes(sender, jobs)));
      return new Map();
    } catch (error) {
      const failure = failureOf(error);
      const lost = jobs.filter(({ run, target }) => !isRunByUpkeep(run, target, failure));
      await Promise.all(lost.map(({ run }) => this.#withdraw(run, failure)));
      return new Map(lost.map(({ run }) => [run.id, failure]));
    }
  }

  /**
   * Asks a question that has no row. When the wait ends without a reply, the question is taken out of the queue.
   * @param gone aborts when the caller disconnects: the worker then aborts the model call.
   * @param onProgress if absent, the worker sends only heartbeats and the answer.
   */
  async ask(
    sender: JobSender,
    question: UnstoredQuestion,
    gone: AbortSignal,
    onProgress?: (progress: QueryProgress) => void,
  ): Promise<RepliedAnswer> {
    const { address } = this.inbox;
    const streamed = onProgress !== undefined;
    const job = this.#payloads.unstoredQuery(sender, question, address, streamed);
    using heartbeat = new HeartbeatTimeout();
    using expected = this.inbox.expect(jobIdOf(job.queryId, job.run), (progress) => {
      heartbeat.restart();
      const read = readProgress(progress);
      if (read) onProgress?.(read);
    });
    const unstored = { contract: answerQuery, jobId: jobIdOf(job.queryId, job.run), expected };
    const signal = AbortSignal.any([gone, heartbeat.lost]);
    const answer = await this.#replyTo(unstored, () => this.producer.answer(job), signal);
    if (answer !== undefined) return answerQuery.reply.parse(answer);
    throw signal.aborted ? heartbeatLostError() : await noReplyError(this.producer, this.inbox);
  }

  /** Verifies a target in a worker, because the gateway can neither open envelopes nor connect to providers. */
  async verify(
    caller: AuthenticatedCaller,
    target: LlmTarget,
    gone: AbortSignal,
  ): Promise<z.output<typeof verifyLlm.reply>> {
    const job = this.#payloads.verification(caller, target, this.inbox.address);
    const jobId = jobIdOf(job.verificationId, job.run);
    using expected = this.inbox.expect(jobId);
    const unstored = { contract: verifyLlm, jobId, expected };
    const verified = await this.#replyTo(unstored, () => this.producer.verify(job), gone);
    if (verified !== undefined) return verifyLlm.reply.parse(verified);
    throw await noReplyError(this.producer, this.inbox);
  }

  /** @returns undefined when no reply came in time. @throws AppError the failure of the job. */
  async #replyTo(
    { contract, jobId, expected }: UnstoredJob,
    send: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<unknown> {
    let hasReplied = false;
    try {
      await timed('queue', send());
      const reply = await timed('llm', expected.reply(this.deadlines.syncWaitMs, signal));
      hasReplied = reply !== undefined;
      if (reply?.kind === 'failure') throw AppError.fromFailure(reply.failure);
      return reply?.kind === 'answer' ? reply.answer : undefined;
    } finally {
      if (!hasReplied) this.#takeBack(contract, jobId);
    }
  }

  /** Withdraws a job without waiting for the queue. If the command is lost, the envelope expires by itself. */
  #takeBack(contract: JobContract, jobId: string): void {
    void Promise.allSettled([this.inbox.cancel(jobId), this.producer.withdraw(contract, jobId)]);
  }

  async #missing(writes: readonly NewWrite[]): Promise<readonly NewWrite[]> {
    const [first] = writes;
    if (!first) return [];
    const ids = writes.map(({ id }) => id);
    const made = await timed('db', this.replays.findWrites(first.asker.accountId, ids));
    return writes.filter(({ id }) => !made.has(id));
  }

  /** @returns false: the queue did not take the job, and upkeep will enqueue it. */
  async #enqueue(
    sender: JobSender,
    job: StoredRun,
    target: LlmTarget | undefined,
    waits: boolean,
  ): Promise<boolean> {
    const replyTo = waits ? this.inbox.address : undefined;
    try {
      await timed(
        'queue',
        job.kind === 'write'
          ? this.#enqueueing.add(this.#payloads.write(sender, job, target, replyTo))
          : this.producer.answer(this.#payloads.storedQuery(sender, job, target, replyTo)),
      );
      return true;
    } catch (error) {
      const failure = failureOf(error);
      if (isRunByUpkeep(job, target, failure)) return false;
      await this.#withdraw(job, failure);
      throw error;
    }
  }

  /** The caller gets the failure of the queue even if this UPDATE fails: a row without a job ends by its deadline. */
  async #withdraw({ kind, id }: StoredRun, failure: Failure): Promise<void> {
    await this.lifecycle.withdraw(kind, [{ id, failure }]).catch(() => undefined);
  }

  async #stopWaiting({ kind, id }: StoredRun): Promise<void> {
    if (kind === 'write') await timed('db', this.lifecycle.stopWaiting([id]));
  }
}

interface UnstoredJob {
  readonly contract: JobContract;
  readonly jobId: string;
  readonly expected: ExpectedReply;
}

/** Upkeep enqueues writes that the queue has lost, except those with a caller's key: the key is in the queue only. */
const isRunByUpkeep = (
  { kind }: StoredRun,
  target: LlmTarget | undefined,
  { code }: Failure,
): boolean => kind === 'write' && target === undefined && code === 'unavailable';
