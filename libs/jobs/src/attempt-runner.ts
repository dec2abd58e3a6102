import { AppError, type ErrorCode, failureOf } from '@app/errors';
import { Logger } from '@nestjs/common';
import { type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { z } from 'zod';

import type { Attempt, JobObserver } from './attempt.js';
import { describeUnexpected } from './describe-unexpected.js';
import type { JobContract } from './job-contract.js';
import type { RefusedKeys } from './refused-keys.js';
import { RecentIds } from './recent-ids.js';
import type { Reply, ReplyOutbox } from './reply.js';
import { finalFailure, handBack, isLastAttempt, retryLater, wipeSealed } from './settle-failure.js';
import { StopSignal } from './stop-signal.js';

/** A job that stalls this often ends its workers: it is given up. */
const MOST_STALLS = 3;
/** A cancel may be here before its job is. */
const CANCELS_REMEMBERED = 1_000;

/** What BullMQ hands to a processor. */
export interface ActiveJob {
  readonly job: Job;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
}

type Payload = z.ZodType<{
  requestId: string;
  traceparent?: string | undefined;
  replyTo?: string | undefined;
  refusalsUnder?: string | undefined;
}>;

export interface AttemptRunnerOptions {
  /** One attempt may take this long. */
  readonly deadlineMs: number;
  /** A worker runs so many jobs at once. */
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
  #interrupting = false;

  constructor(
    private readonly outbox: ReplyOutbox,
    private readonly observer: JobObserver,
    private readonly refusedKeys: RefusedKeys,
    private readonly options: AttemptRunnerOptions,
  ) {
    outbox.onCancel((jobId) => this.#cancel(jobId));
  }

  /** @param begin wins the job's row; a reply instead of an attempt says that the row has ended already. */
  async run<P extends Payload, Outcome>(
    contract: JobContract<P>,
    active: ActiveJob,
    begin: (payload: z.output<P>) => Promise<Attempt<Outcome> | Reply>,
  ): Promise<void> {
    const { job } = active;
    const payload = contract.payload.safeParse(job.data);
    if (!payload.success) throw await this.#refusePoison(job);
    const { requestId, traceparent, replyTo, refusalsUnder } = payload.data;
    await this.observer.within(job.queueName, { requestId, jobId: job.id, traceparent }, () =>
      this.#attempt(active, replyTo, async () => {
        const begun = await begin(payload.data);
        return 'kind' in begun ? begun : this.refusedKeys.watch(begun, refusalsUnder);
      }),
    );
  }

  /** Lets a worker take jobs, and stop those whose lock it has lost: another worker may have them. */
  attend(worker: Worker): void {
    worker.concurrency = this.options.concurrency;
    worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)));
    worker.on('error', (error) => this.#logger.warn(`The queue: ${describeUnexpected(error)}`));
  }

  /** Takes no more jobs; what runs may finish for a while and is then handed back, its key intact. */
  async drain(worker: Worker): Promise<void> {
    const timer = setTimeout(() => {
      this.#interrupting = true;
      for (const stop of this.#running.keys()) stop.interrupt();
    }, this.options.graceMs);
    try {
      await worker.close();
    } finally {
      clearTimeout(timer);
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
      if (job.stalledCounter >= (attempt.mostStalls ?? MOST_STALLS)) throw new GivenUp();
      reply = await attempt.complete(await stop.bound((signal) => attempt.work(signal)));
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
    { job, token }: ActiveJob,
    replyTo: string | undefined,
    stop: StopSignal,
    thrown: unknown,
  ): Promise<Error | undefined> {
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
      const reply = await attempt.fail(failure);
      if (!reply) return undefined;
      await this.#end(job, replyTo, reply);
      this.#logger.log(`The job failed: ${codesOf(error)}.`);
      this.observer.ended(job.queueName, failure.code);
      return finalFailure(error);
    }
    if (!(await attempt.handBack())) return undefined;
    this.#logger.log(`The attempt failed and will be made again: ${codesOf(error)}.`);
    this.observer.retried(job.queueName, failure.code);
    return retryLater(job, token, error);
  }

  #cancel(jobId: string): void {
    this.#cancelled.add(jobId);
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
  async #rowUnknown({ job, token }: ActiveJob, error: unknown): Promise<Error> {
    this.#logUnexpected(error);
    const { code } = failureOf(error);
    if (waitOf(error) !== undefined || !isLastAttempt(job)) {
      this.observer.retried(job.queueName, code);
      return retryLater(job, token, error).catch(() => new Error(code));
    }
    await wipeSealed(job).catch(() => undefined);
    this.observer.ended(job.queueName, code);
    return finalFailure(error);
  }

  /** Nothing of a payload that cannot be read is kept: who knows where in it the envelope is. */
  async #refusePoison(job: Job): Promise<Error> {
    const code: ErrorCode = 'invalid_request';
    this.#logger.error(`Job ${job.id} of ${job.queueName} has a payload that cannot be read.`);
    await job.updateData({}).catch(() => undefined);
    this.observer.ended(job.queueName, code);
    return new UnrecoverableError(code);
  }

  #logUnexpected(error: unknown): void {
    if (!(error instanceof AppError)) this.#logger.error(describeUnexpected(error));
  }
}

class GivenUp extends AppError {
  constructor() {
    super('unavailable', 'The workers that ran this job went away. It was given up.');
  }
}

const overdue = (): AppError =>
  new AppError('llm_unavailable', 'The model took longer than one attempt of a job may take.');

/** A wait that the provider asked for is honoured unless it passes the deadline; it spends no attempt. */
function isFinal(error: unknown, { deadlineAt }: Attempt<unknown>, job: Job): boolean {
  if (error instanceof GivenUp) return true;
  if (error instanceof AppError && !error.retryable) return true;
  const wait = waitOf(error);
  if (Date.now() + (wait ?? 0) > deadlineAt.getTime()) return true;
  return wait === undefined && isLastAttempt(job);
}

/** What failed, and why where one of our codes says so: an operator has to know what a caller need not. */
function codesOf(error: unknown): string {
  const because =
    error instanceof AppError && error.cause instanceof AppError ? ` (${error.cause.code})` : '';
  return failureOf(error).code + because;
}

/** How long this failure asks to be waited for, in milliseconds. */
function waitOf(error: unknown): number | undefined {
  return error instanceof AppError ? error.retryAfterMs : undefined;
}
