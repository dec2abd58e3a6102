import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { failureOf } from '@app/errors';
import { type ExtractMemories, extractMemories, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { type NewWrite, WriteStore } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import type { CallerHere } from '../http/caller.decorator.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { EndedJobs } from '../jobs/ended-jobs.js';
import { GroupCommit } from './group-commit.js';
import type { RememberedView } from './remembered.schemas.js';

/** Whose write it is, and for a caller's own key where its refusals are counted. */
export type Whose = Pick<CallerHere, 'accountId'> & Partial<Pick<CallerHere, 'refusalsUnder'>>;

/** A durable write, about to be queued. */
export type DurableWrite = Pick<ExtractMemories, 'writeId' | 'run' | 'llmAccount' | 'requestId'>;

/** The way in for everything that a worker has to do: durable first, queue second, and then as long a wait as the caller asked for. */
@Injectable()
export class WriteIntake {
  readonly #accepting: GroupCommit<NewWrite>;
  readonly #enqueueing: GroupCommit<ExtractMemories>;

  constructor(
    private readonly writes: WriteStore,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly ended: EndedJobs,
    private readonly deadlines: Deadlines,
    producer: JobProducer,
  ) {
    this.#accepting = new GroupCommit((batch) => writes.accept(batch));
    this.#enqueueing = new GroupCommit(async (batch) => {
      await producer.extract(batch);
      return undefined;
    });
  }

  /** @throws AppError why the write is refused; then nothing of it is kept. */
  async accept(write: NewWrite): Promise<void> {
    await timed('db', this.#accepting.add(write));
  }

  /**
   * Queues a durable write, and waits for what comes of it as long as the caller does.
   * @throws AppError what it failed with; `unavailable` where the queue did not take it: then the write has failed too.
   */
  async run(
    caller: Whose,
    write: DurableWrite,
    target: LlmTarget | undefined,
    { waitMs, synchronous }: Preference,
    gone: AbortSignal,
  ): Promise<Outcome<RememberedView>> {
    const { writeId } = write;
    // Expected before it is enqueued: a fast job replies first.
    using expected = this.inbox.expect(jobIdOf(writeId, write.run));
    await this.#enqueue(caller, write, target, waitMs > 0);
    const reply = waitMs > 0 ? await timed('llm', expected.reply(waitMs, gone)) : undefined;
    if (!reply && synchronous) await timed('db', this.writes.stopWaiting(writeId));
    if (waitMs === 0 || gone.aborted) return { jobId: writeId };
    return { jobId: writeId, body: await this.ended.findWrite(caller.accountId, writeId) };
  }

  async #enqueue(
    { accountId, refusalsUnder }: Whose,
    write: DurableWrite,
    target: LlmTarget | undefined,
    waits: boolean,
  ): Promise<void> {
    const jobId = jobIdOf(write.writeId, write.run);
    const binding = { queue: extractMemories.queue, jobId, accountId };
    const expiresAt = this.deadlines.keyExpiry(new Date());
    const traceparent = requestContext.get()?.traceparent;
    try {
      await timed(
        'queue',
        this.#enqueueing.add({
          v: 1,
          ...write,
          ...(target && {
            sealed: this.sealer.seal({ target, expiresAt }, binding),
            refusalsUnder,
          }),
          ...(waits && { replyTo: this.inbox.address }),
          ...(traceparent !== undefined && { traceparent }),
        }),
      );
    } catch (error) {
      // The caller hears of the queue, whatever becomes of the row: without a job it ends by itself.
      await this.writes.withdraw(write.writeId, failureOf(error)).catch(() => undefined);
      throw error;
    }
  }
}
