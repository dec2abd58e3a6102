import { KeySealer, type LlmTarget, type Sealing } from '@app/caller-keys';
import { type Failure, failureOf } from '@app/errors';
import {
  type ExtractMemories,
  extractMemories,
  jobIdOf,
  JobProducer,
  QueueRoom,
  ReplyInbox,
} from '@app/jobs';
import { JobLifecycle, type NewWrite, ReplayStore } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { EndedJobs } from '../jobs/ended-jobs.js';
import { hears } from '../jobs/hears.js';
import type { DraftedWrite } from './draft-write.js';
import { GroupCommit } from './group-commit.js';
import type { Whose } from './reader.js';
import type { RememberedView } from './remembered.schemas.js';

/** Whose write it is, and for a caller's own key where its refusals are counted. */
export type Queuer = Whose & Partial<Pick<AuthenticatedCaller, 'refusalBucket'>>;

/** A durable write, about to be queued. */
export type DurableWrite = Pick<ExtractMemories, 'writeId' | 'run' | 'llmAccount' | 'requestId'>;

/** The way in for everything that a worker has to do: durable first, queue second, and then as long a wait as the caller asked for. */
@Injectable()
export class WriteIntake {
  readonly #accepting: GroupCommit<NewWrite>;
  readonly #enqueueing: GroupCommit<ExtractMemories>;

  constructor(
    private readonly lifecycle: JobLifecycle,
    private readonly replays: ReplayStore,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly ended: EndedJobs,
    private readonly deadlines: Deadlines,
    private readonly room: QueueRoom,
    private readonly producer: JobProducer,
  ) {
    this.#accepting = new GroupCommit((batch) => lifecycle.accept('write', batch));
    this.#enqueueing = new GroupCommit(async (batch) => {
      await producer.extract(batch);
      return undefined;
    });
  }

  /**
   * @returns false where it was durable already: an earlier call was resumed.
   * @throws AppError why the write is refused; then nothing of it is kept.
   */
  async accept(write: NewWrite, resumed: boolean): Promise<boolean> {
    if (resumed && (await this.#missing([write])).length === 0) return false;
    await timed('queue', this.room.take(extractMemories));
    await timed('db', this.#accepting.add(write));
    return true;
  }

  /** Makes many writes durable in one transaction. @returns which of them were refused, and why. */
  async acceptMany(
    writes: readonly NewWrite[],
    resumed: boolean,
  ): Promise<ReadonlyMap<string, Failure>> {
    const missing = resumed ? await this.#missing(writes) : writes;
    if (missing.length === 0) return new Map();
    await timed('queue', this.room.take(extractMemories, missing.length));
    const refusals = await timed('db', this.lifecycle.accept('write', missing));
    return new Map(
      missing.flatMap(({ id }, index) => {
        const refusal = refusals[index];
        return refusal ? [[id, refusal.toFailure()] as const] : [];
      }),
    );
  }

  /**
   * Queues a durable write, and waits for what comes of it as long as the caller does.
   * @throws AppError what it failed with; `unavailable` where the queue did not take it: then the write has failed too.
   */
  async run(
    caller: Queuer,
    write: DurableWrite,
    target: LlmTarget | undefined,
    { waitMs, synchronous }: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<RememberedView>> {
    const { writeId } = write;
    // Expected before it is enqueued: a fast job replies first.
    using expected = this.inbox.expect(jobIdOf(writeId, write.run));
    const isQueued = await this.#enqueue(caller, write, target, waitMs > 0);
    const waits = isQueued && waitMs > 0;
    const hasEnded = async () => (await this.ended.findWrite(caller, writeId)) !== undefined;
    const heard =
      waits && (await timed('llm', hears({ inbox: this.inbox, expected, hasEnded }, waitMs, gone)));
    if (!heard && synchronous) await timed('db', this.lifecycle.stopWaiting([writeId]));
    if (!waits || gone.aborted) return { jobId: writeId };
    return { jobId: writeId, body: await this.ended.findWrite(caller, writeId) };
  }

  /** Queues many durable writes in one trip. @returns which of them have failed for want of a queue. */
  async runMany(
    caller: Queuer,
    drafts: readonly DraftedWrite[],
  ): Promise<ReadonlyMap<string, Failure>> {
    if (drafts.length === 0) return new Map();
    const sealing = this.sealer.begin();
    const jobs = drafts.map(({ write, sealed }) =>
      this.#jobOf(caller, durableOf(write), sealed, sealing),
    );
    try {
      await timed('queue', this.producer.extract(jobs));
      return new Map();
    } catch (error) {
      const failure = failureOf(error);
      const lost = drafts.filter(({ sealed }) => needsQueue(sealed, failure));
      await Promise.all(lost.map(({ write }) => this.#withdraw(write.id, failure)));
      return new Map(lost.map(({ write }) => [write.id, failure]));
    }
  }

  async #missing(writes: readonly NewWrite[]): Promise<readonly NewWrite[]> {
    const [first] = writes;
    if (!first) return [];
    const ids = writes.map(({ id }) => id);
    const made = await timed('db', this.replays.findWrites(first.asker.accountId, ids));
    return writes.filter(({ id }) => !made.has(id));
  }

  /** False: the queue did not take it, and upkeep will see that it is run. */
  async #enqueue(
    caller: Queuer,
    write: DurableWrite,
    target: LlmTarget | undefined,
    waits: boolean,
  ): Promise<boolean> {
    const job = this.#jobOf(caller, write, target, this.sealer);
    const replyTo = waits ? { replyTo: this.inbox.address } : {};
    try {
      await timed('queue', this.#enqueueing.add({ ...job, ...replyTo }));
      return true;
    } catch (error) {
      const failure = failureOf(error);
      if (!needsQueue(target, failure)) return false;
      await this.#withdraw(write.writeId, failure);
      throw error;
    }
  }

  #jobOf(
    { accountId, refusalBucket }: Queuer,
    write: DurableWrite,
    target: LlmTarget | undefined,
    sealing: Sealing,
  ): ExtractMemories {
    const jobId = jobIdOf(write.writeId, write.run);
    const binding = { queue: extractMemories.queue, jobId, accountId };
    const expiresAt = this.deadlines.keyExpiry(new Date());
    const traceparent = requestContext.get()?.traceparent;
    return {
      v: 1,
      ...write,
      accountId,
      ...(target && {
        sealed: sealing.seal({ target, expiresAt }, binding),
        refusalsUnder: refusalBucket,
      }),
      ...(traceparent !== undefined && { traceparent }),
    };
  }

  /** The caller hears of the queue, whatever becomes of the row: without a job it ends by itself. */
  async #withdraw(writeId: string, failure: Failure): Promise<void> {
    await this.lifecycle.withdraw('write', [{ id: writeId, failure }]).catch(() => undefined);
  }
}

/** Upkeep runs what needs no key; a key is in the job and nowhere else. */
const needsQueue = (sealed: LlmTarget | undefined, { code }: Failure): boolean =>
  sealed !== undefined || code !== 'unavailable';

const FIRST_RUN = 1;

export const durableOf = ({ id, llmAccount, requestId }: NewWrite): DurableWrite => ({
  writeId: id,
  run: FIRST_RUN,
  llmAccount,
  requestId,
});
