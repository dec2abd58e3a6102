import { AppError, failureOf } from '@app/errors';
import { Logger } from '@nestjs/common';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { z } from 'zod';

import type { ActiveJob, Attempt, JobObserver } from './attempt.js';
import { completePatiently } from './complete-patiently.js';
import { describeUnexpected } from './describe-unexpected.js';
import type { FairOrder } from './fair-order.js';
import { codesOf, isFinal, overdue, refuseStalled, waitOf } from './final-failure.js';
import type { JobContract } from './job-contract.js';
import { JobParking } from './job-parking.js';
import { placeFor } from './place-for.js';
import type { RefusedKeys } from './refused-keys.js';
import { RecentIds } from './recent-ids.js';
import { failWithOrWithoutWords, unstorableResult } from './refused-result.js';
import type { Reply, ReplyOutbox } from './reply.js';
import {
  finalFailure,
  handBack,
  isLastAttempt,
  isStillHeld,
  retryLater,
  wipeSealed,
} from './settle-failure.js';
import {
  type EndRow,
  isOfNewerVersion,
  leaveToNewer,
  UNREADABLE,
  rowOf,
} from './unreadable-job.js';
import { StopSignal } from './stop-signal.js';

/** After the grace at shutdown, for handing back what still runs. What takes longer is found by its lock's end. */
const HAND_BACK_WITHIN_MS = 5_000;
/** What comes back after a delay has no place, and it may be long until somebody adds a job. */
const ARRANGE_EVERY_MS = 1_000;
/** A cancel may be here before its job is. */
const CANCELS_REMEMBERED = 1_000;

type Payload = z.ZodType<{
  requestId: string;
  traceparent?: string | undefined;
  replyTo?: string | undefined;
  refusalsUnder?: string | undefined;
}>;

export interface AttemptRunnerOptions {
  /** One attempt may take this long. */
  readonly deadlineMs: number;
  /** A worker runs so many jobs of one account at once, and half as many again of all accounts together. */
  readonly concurrency: number;
  /** At shutdown running attempts may take this much longer before they are handed back. */
  readonly graceMs: number;
}

/**
 * Runs attempts, and ends each in the order row → wipe → reply → return. Whoever changes no row does nothing else.
 * Nothing but fixed codes goes into the queue.
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
   * @param begin wins the job's row; a reply instead of an attempt says that the row has ended already.
   * @param endRow ends the row of a job whose payload cannot be read. Absent: there is none.
   */
  async run<P extends Payload, Outcome>(
    contract: JobContract<P>,
    active: ActiveJob,
    begin: (payload: z.output<P>) => Promise<Attempt<Outcome> | Reply>,
    endRow?: EndRow,
  ): Promise<void> {
    const { job } = active;
    if (isOfNewerVersion(contract, job)) throw await leaveToNewer(active, this.order);
    const payload = contract.payload.safeParse(job.data);
    if (!payload.success) throw await this.#refuseUnreadable(active, endRow);
    const { requestId, traceparent, replyTo, refusalsUnder } = payload.data;
    await this.observer.within(
      job.queueName,
      { requestId, jobId: job.id, traceparent },
      async () => {
        using _place = await placeFor(active, replyTo, {
          parking: this.#parkingOf(job.queueName),
          outbox: this.outbox,
          order: this.order,
          isCancelled: (id) => this.#cancelled.has(id),
        });
        await this.#attempt(active, replyTo, async () => {
          const begun = await begin(payload.data);
          if ('kind' in begun || begun.triesKey === false) return begun;
          return this.refusedKeys.watch(begun, refusalsUnder);
        });
      },
    );
  }

  /** Lets a worker take jobs, and stop those whose lock it has lost: another worker may have them. */
  attend(worker: Worker): void {
    worker.concurrency = this.#parkingOf(worker.name).slots;
    worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)));
    worker.on('error', (error) => this.#logger.warn(`The queue: ${describeUnexpected(error)}`));
    const arranging = setInterval(() => void this.order.arrange(worker.name), ARRANGE_EVERY_MS);
    worker.on('closing', () => clearInterval(arranging));
  }

  /** Takes no more jobs; what runs may finish for a while and is then handed back, its key intact. */
  async drain(worker: Worker): Promise<void> {
    this.#parkingOf(worker.name).close();
    const timer = setTimeout(() => {
      this.#interrupting = true;
      for (const stop of this.#running.keys()) stop.interrupt();
    }, this.options.graceMs);
    const late = Promise.withResolvers<void>();
    const last = setTimeout(late.resolve, this.options.graceMs + HAND_BACK_WITHIN_MS);
    try {
      await Promise.race([worker.close(), late.promise]);
    } finally {
      clearTimeout(timer);
      clearTimeout(last);
    }
  }

  async #attempt<Outcome>(
    active: ActiveJob,
    replyTo: string | undefined,
    begin: () => Promise<Attempt<Outcome> | Reply>,
  ): Promise<void> {
    using stop = new StopSignal(this.options.deadlineMs, active.signal);
    const { id } = active.job;
    this.#running.set(stop, id);
    if (this.#interrupting) stop.interrupt();
    if (id !== undefined && this.#cancelled.has(id)) stop.cancel();
    let ending: Error | undefined;
    try {
      const begun = await begin();
      if ('kind' in begun) await this.#end(active.job, replyTo, begun);
      else ending = await this.#workOn(begun, active, replyTo, stop);
    } catch (error) {
      ending = await this.#rowUnknown(active, error);
    } finally {
      this.#running.delete(stop);
    }
    if (ending) throw ending;
  }

  /** @returns what the processor has to throw; undefined when the job has ended well, or is another attempt's. */
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
      reply = await completePatiently(attempt, outcome, () => stop.cause !== undefined).catch(
        (error: unknown) => {
          this.#logUnexpected(error);
          throw unstorableResult(error);
        },
      );
    } catch (error) {
      return this.#settle(attempt, active, replyTo, stop, error);
    }
    if (!reply) return undefined;
    await this.#end(job, replyTo, reply);
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
      // Where there is a row, whoever cancelled has ended it. Nobody waits for a reply.
      await wipeSealed(job);
      this.observer.ended(job.queueName, 'cancelled');
      return new UnrecoverableError('cancelled');
    }
    if (stop.cause === 'interrupted') {
      if (!(await attempt.handBack())) return undefined;
      // With the lock gone the queue takes nothing from us: it has given the job to another worker, or will.
      return handBack(job, token).catch(() => new Error('unavailable'));
    }
    const error = stop.cause === 'overdue' ? overdue() : thrown;
    const failure = failureOf(error);
    this.#logUnexpected(error);
    if (isFinal(error, attempt, job) || (await attempt.isWaitedFor())) {
      const reply = await failWithOrWithoutWords(attempt, failure, (refused) =>
        this.#logUnexpected(refused),
      );
      if (!reply) return undefined;
      await this.#end(job, replyTo, reply);
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

  /** The row has its end: now the key goes, then whoever waits is told. */
  async #end(job: Job, replyTo: string | undefined, reply: Reply): Promise<void> {
    await wipeSealed(job);
    if (replyTo === undefined) return;
    await this.outbox.send(replyTo, reply).catch((error: unknown) => {
      // The row has the outcome, and who waits looks there in the end.
      this.#logger.warn(`A reply was not sent: ${describeUnexpected(error)}`);
    });
  }

  /** The row or the queue could not be asked, so nobody knows whose the job is. It comes back, if the queue lets it. */
  async #rowUnknown(active: ActiveJob, error: unknown): Promise<Error> {
    const { job, token } = active;
    this.#logUnexpected(error);
    const { code } = failureOf(error);
    if (waitOf(error) !== undefined || !isLastAttempt(job)) {
      this.observer.retried(job.queueName, code);
      return retryLater(active, error, this.order).catch(() => new Error(code));
    }
    // The data of a job has no guard, and another worker may have taken it over.
    const held = await isStillHeld(job, token).catch(() => false);
    if (held) await wipeSealed(job).catch(() => undefined);
    this.observer.ended(job.queueName, code);
    return finalFailure(error);
  }

  /**
   * Its row ends too, or upkeep would run it again and again. Nothing of the payload is kept: who knows where in it the
   * envelope is.
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
      const reply: Reply = isEnded
        ? { kind: 'settled', jobId }
        : { kind: 'failure', jobId, failure };
      await this.#end(job, replyTo, reply);
    } catch (error) {
      return this.#rowUnknown(active, error);
    }
    this.observer.ended(job.queueName, UNREADABLE.code);
    return finalFailure(UNREADABLE);
  }

  #logUnexpected(error: unknown): void {
    if (!(error instanceof AppError)) this.#logger.error(describeUnexpected(error));
  }
}
