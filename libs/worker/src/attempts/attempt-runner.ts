import { AppError, failureOf } from '@app/errors';
import {
  describeUnexpected,
  type FairOrder,
  type JobContract,
  RecentIds,
  type RefusedKeys,
  type Reply,
  type ReplyOutbox,
  wipeSealed,
  within,
} from '@app/jobs';
import { ARRANGE_INTERVAL_MS, HAND_BACK_TIMEOUT_MS } from '@app/jobs/policy';
import { Logger } from '@nestjs/common';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { z } from 'zod';

import { JobParking, placeFor } from './job-parking.js';
import { type ActiveJob, type Attempt, isStillHeld, type JobObserver } from './attempt.js';
import { completeRow, failRow, outcomeError } from './end-row.js';
import {
  attemptTimedOut,
  codesOf,
  finalFailure,
  handBack,
  isDeletedOnSuccess,
  isFinal,
  isLastAttempt,
  providerWaitOf,
  refuseStalled,
  retryLater,
} from './settle.js';
import { StopSignal } from './stop-signal.js';
import {
  type EndRow,
  isOfNewerVersion,
  leaveToNewerWorker,
  rowOf,
  UNREADABLE,
} from './unreadable-job.js';

/** Cancels are remembered, because a cancel may arrive before its job. */
const CANCELS_REMEMBERED = 1_000;

/** The fields of a payload that an attempt needs, whatever the job. */
export type RunnablePayload = z.ZodType<{
  requestId: string;
  traceparent?: string | undefined;
  replyTo?: string | undefined;
  refusalsUnder?: string | undefined;
}>;

export interface AttemptRunnerOptions {
  /** One attempt may take this long. */
  readonly timeoutMs: number;
  /** Jobs that a worker runs at once for one account. For all accounts together it runs up to 1.5 times as many. */
  readonly concurrency: number;
  /** At shutdown running attempts may go on for this long before they are handed back. */
  readonly graceMs: number;
}

/**
 * Runs attempts. Each ends in the order row → wipe → reply → return. If the guarded UPDATE matches no row, another attempt
 * owns the job: the runner stops, without wiping or replying. Only fixed codes go into the queue.
 */
export class AttemptRunner {
  readonly #logger = new Logger('Jobs');
  readonly #running = new Map<StopSignal, string | undefined>();
  readonly #cancelled = new RecentIds(CANCELS_REMEMBERED);
  /** One for each queue that this process works on. */
  readonly #parking = new Map<string, JobParking>();
  #interrupting = false;

  constructor(
    private readonly outbox: ReplyOutbox,
    private readonly observer: JobObserver,
    private readonly refusedKeys: RefusedKeys,
    private readonly order: FairOrder,
    private readonly options: AttemptRunnerOptions,
  ) {
    outbox.onCancel((jobId) => this.#cancel(jobId));
  }

  /**
   * @param begin claims the job's row. It returns a reply instead of an attempt when the run has already ended.
   * @param endRow fails the row of a job whose payload cannot be read. Absent: the job has no row.
   */
  async run<P extends RunnablePayload, Outcome>(
    contract: JobContract<P>,
    active: ActiveJob,
    begin: (payload: z.output<P>) => Promise<Attempt<Outcome> | Reply>,
    endRow?: EndRow,
  ): Promise<void> {
    const { job } = active;
    if (isOfNewerVersion(contract, job)) throw await leaveToNewerWorker(active, this.order);
    const payload = contract.payload.safeParse(job.data);
    if (!payload.success) throw await this.#refuseUnreadable(active, endRow);
    const { requestId, traceparent, replyTo, refusalsUnder } = payload.data;
    const context = { requestId, jobId: job.id, traceparent };
    await this.observer.within(job.queueName, context, async () => {
      using _place = await placeFor(active, replyTo, {
        parking: this.#parkingOf(job.queueName),
        outbox: this.outbox,
        order: this.order,
        isCancelled: (id) => this.#cancelled.has(id),
      });
      await this.#attempt(active, replyTo, async () => {
        const begun = await begin(payload.data);
        return 'kind' in begun ? begun : this.#guardKeys(begun, refusalsUnder);
      });
    });
  }

  /** Sets a BullMQ worker up: its number of jobs at once, lost locks, errors, and an interval for the fair order. */
  attend(worker: Worker): void {
    worker.concurrency = this.#parkingOf(worker.name).slots;
    // A job whose lock is lost may run in another worker, so this one stops it.
    worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)));
    worker.on('error', (error) => this.#logger.warn(`The queue: ${describeUnexpected(error)}`));
    // A delayed job that comes due has no place, and a gateway arranges places only when it adds jobs.
    const arranging = setInterval(() => void this.order.arrange(worker.name), ARRANGE_INTERVAL_MS);
    worker.on('closing', () => clearInterval(arranging));
  }

  /** Fetches no more jobs. Running jobs may finish within the grace; those that do not are handed back with their keys. */
  async drain(worker: Worker): Promise<void> {
    this.#parkingOf(worker.name).close();
    const grace = setTimeout(() => {
      this.#interrupting = true;
      for (const stop of this.#running.keys()) stop.interrupt();
    }, this.options.graceMs);
    try {
      await within(worker.close(), this.options.graceMs + HAND_BACK_TIMEOUT_MS, undefined);
    } finally {
      clearTimeout(grace);
    }
  }

  /** Limits the work of an attempt that uses a caller's key: too many rejected keys stop it before it calls a provider. */
  #guardKeys<Outcome>(attempt: Attempt<Outcome>, bucket: string | undefined): Attempt<Outcome> {
    if (bucket === undefined || attempt.triesKey === false) return attempt;
    return {
      ...attempt,
      work: (signal) => this.refusedKeys.guard(bucket, () => attempt.work(signal)),
    };
  }

  async #attempt<Outcome>(
    active: ActiveJob,
    replyTo: string | undefined,
    begin: () => Promise<Attempt<Outcome> | Reply>,
  ): Promise<void> {
    using stop = new StopSignal(this.options.timeoutMs, active.signal);
    const { id } = active.job;
    this.#running.set(stop, id);
    if (this.#interrupting) stop.interrupt();
    if (id !== undefined && this.#cancelled.has(id)) stop.cancel();
    let ending: Error | undefined;
    try {
      const begun = await begin();
      if ('kind' in begun) await this.#wipeAndReply(active.job, replyTo, begun);
      else ending = await this.#workOn(begun, active, replyTo, stop);
    } catch (error) {
      ending = await this.#settleWithoutRow(active, error);
    } finally {
      this.#running.delete(stop);
    }
    if (ending) throw ending;
  }

  /** @returns the error that the processor must throw; undefined when the job has succeeded or another attempt owns it. */
  async #workOn<Outcome>(
    attempt: Attempt<Outcome>,
    active: ActiveJob,
    replyTo: string | undefined,
    stop: StopSignal,
  ): Promise<Error | undefined> {
    const { job } = active;
    let reply: Reply | undefined;
    try {
      refuseStalled(attempt, job);
      const outcome = await stop.bound((signal) => attempt.work(signal));
      reply = await completeRow(attempt, outcome, () => stop.cause !== undefined).catch(
        (error: unknown) => {
          this.#logUnexpected(error);
          throw outcomeError(error);
        },
      );
    } catch (error) {
      return this.#settle(attempt, active, replyTo, stop, error);
    }
    if (!reply) return undefined;
    if (!isDeletedOnSuccess(job, replyTo)) await this.#wipeAndReply(job, replyTo, reply);
    this.#logger.log('The job succeeded.');
    this.observer.ended(job.queueName, 'succeeded');
    return undefined;
  }

  async #settle(
    attempt: Attempt<unknown>,
    active: ActiveJob,
    replyTo: string | undefined,
    stop: StopSignal,
    thrown: unknown,
  ): Promise<Error | undefined> {
    const { job, token } = active;
    if (stop.cause === 'cancelled') {
      // The cancel has ended the row, if there is one, and no gateway waits for a reply.
      await wipeSealed(job);
      this.observer.ended(job.queueName, 'cancelled');
      return new UnrecoverableError('cancelled');
    }
    if (stop.cause === 'interrupted') {
      if (!(await attempt.handBack())) return undefined;
      // The queue refuses this when the lock is lost: another worker has the job or gets it soon.
      return handBack(job, token).catch(() => new Error('unavailable'));
    }
    const error = stop.cause === 'timed-out' ? attemptTimedOut() : thrown;
    const failure = failureOf(error);
    this.#logUnexpected(error);
    if (isFinal(error, attempt, job) || (await attempt.isWaitedFor())) {
      const reply = await failRow(attempt, failure, (refused) => this.#logUnexpected(refused));
      if (!reply) return undefined;
      await this.#wipeAndReply(job, replyTo, reply);
      this.#logger.log(`The job failed: ${codesOf(error)}.`);
      this.observer.ended(job.queueName, failure.code);
      return finalFailure(error);
    }
    if (!(await attempt.handBack())) return undefined;
    this.#logger.log(`The attempt failed and will be made again: ${codesOf(error)}.`);
    this.observer.retried(job.queueName, failure.code);
    return retryLater(active, error, this.order, attempt.begun);
  }

  #parkingOf(queue: string): JobParking {
    const known = this.#parking.get(queue) ?? new JobParking(this.options.concurrency);
    this.#parking.set(queue, known);
    return known;
  }

  #cancel(jobId: string): void {
    this.#cancelled.add(jobId);
    for (const parking of this.#parking.values()) parking.startAnyway(jobId);
    for (const [stop, id] of this.#running) if (id === jobId) stop.cancel();
  }

  /** For a row that has ended. Wipes the key before it replies, so that the key is gone when the caller gets the reply. */
  async #wipeAndReply(job: Job, replyTo: string | undefined, reply: Reply): Promise<void> {
    await wipeSealed(job);
    if (replyTo === undefined) return;
    await this.outbox.send(replyTo, reply).catch((error: unknown) => {
      // If the job has a row, the waiting gateway polls it. Otherwise its wait runs out.
      this.#logger.warn(`A reply was not sent: ${describeUnexpected(error)}`);
    });
  }

  /** Postgres or the queue failed, so the owner of the row is unknown. The last attempt fails, unless the error names a wait. */
  async #settleWithoutRow(active: ActiveJob, error: unknown): Promise<Error> {
    const { job, token } = active;
    this.#logUnexpected(error);
    const { code } = failureOf(error);
    if (providerWaitOf(error) !== undefined || !isLastAttempt(job)) {
      this.observer.retried(job.queueName, code);
      return retryLater(active, error, this.order).catch(() => new Error(code));
    }
    // Another worker may run the job by now, and the queue does not guard a job's data.
    const held = await isStillHeld(job, token).catch(() => false);
    if (held) await wipeSealed(job).catch(() => undefined);
    this.observer.ended(job.queueName, code);
    return finalFailure(error);
  }

  /**
   * Fails the job and its row: otherwise upkeep would queue the job again and again. The whole payload is deleted, because
   * the envelope could be anywhere in it.
   */
  async #refuseUnreadable(active: ActiveJob, endRow: EndRow | undefined): Promise<Error> {
    const { job } = active;
    const { row, replyTo } = rowOf(job);
    this.#logger.error(`Job ${job.id} of ${job.queueName} has a payload that cannot be read.`);
    try {
      const failure = UNREADABLE.toFailure();
      const isEnded = row && endRow ? await endRow(row.id, row.run, failure) : false;
      await job.updateData({});
      const jobId = job.id ?? '';
      const unreadable: Reply = { kind: 'failure', jobId, failure };
      await this.#wipeAndReply(job, replyTo, isEnded ? { kind: 'settled', jobId } : unreadable);
    } catch (error) {
      return this.#settleWithoutRow(active, error);
    }
    this.observer.ended(job.queueName, UNREADABLE.code);
    return finalFailure(UNREADABLE);
  }

  #logUnexpected(error: unknown): void {
    if (!(error instanceof AppError)) this.#logger.error(describeUnexpected(error));
  }
}
