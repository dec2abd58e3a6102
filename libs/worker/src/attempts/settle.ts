import { AppError, failureOf } from '@app/errors';
import type { FairOrder } from '@app/jobs';
import {
  MAX_PROVIDER_WAIT_FLOOR_MS,
  MAX_STALLS,
  MIN_PROVIDER_WAIT_MS,
  SHORT_PROVIDER_WAITS,
} from '@app/jobs/policy';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';

import type { ActiveJob, Attempt } from './attempt.js';

/** The first place of the fair order: no job has a smaller one. */
const FIRST = 1;

export class LostWorkers extends AppError {
  constructor() {
    super('unavailable', 'The workers that ran this job were lost, so the job was failed.');
  }
}

/** @throws LostWorkers for a job that may be what kills its workers. */
export function refuseStalled({ mostStalls = MAX_STALLS }: Attempt<unknown>, job: Job): void {
  if (job.stalledCounter >= mostStalls) throw new LostWorkers();
}

export const attemptTimedOut = (): AppError =>
  new AppError('llm_unavailable', 'The model took longer than one attempt of a job may take.');

/** Whether this failure ends the job. A wait that the failure names spends no attempt, but must end before the deadline. */
export function isFinal(
  error: unknown,
  { deadlineAt, begun = 1 }: Attempt<unknown>,
  job: Job,
): boolean {
  if (error instanceof LostWorkers) return true;
  if (error instanceof AppError && !error.retryable) return true;
  const wait = providerWaitOf(error);
  const waitMs = wait === undefined ? 0 : Math.max(wait, shortestWaitMs(begun));
  if (Date.now() + waitMs > deadlineAt.getTime()) return true;
  return wait === undefined && isLastAttempt(job);
}

/** True when the queue would not run the job again after this failure. */
export function isLastAttempt(job: Job): boolean {
  return job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}

/**
 * Whether a job that has succeeded needs neither a wipe nor a reply: no call waits for it, and the queue deletes it, with its
 * envelope, in the script that completes it. If that script does not run, the next attempt finds the row ended, and wipes.
 */
export function isDeletedOnSuccess(job: Job, replyTo: string | undefined): boolean {
  return replyTo === undefined && job.opts.removeOnComplete === true;
}

/** The wait that a failure names, in milliseconds: a provider, a limit of our own or the store may ask for one. */
export function providerWaitOf(error: unknown): number | undefined {
  return error instanceof AppError ? error.retryAfterMs : undefined;
}

/**
 * Lower bound of a wait that a provider asked for. A provider that always says "one second" would be called every second
 * until the deadline; after ten such waits the bound doubles with each attempt, up to a minute.
 * @param begun number of attempts begun.
 */
export const shortestWaitMs = (begun: number): number =>
  Math.min(
    MAX_PROVIDER_WAIT_FLOOR_MS,
    MIN_PROVIDER_WAIT_MS * 2 ** Math.max(0, begun - SHORT_PROVIDER_WAITS),
  );

/** The code of a failure for the log, with the code of its cause: an operator needs it, a caller does not. */
export function codesOf(error: unknown): string {
  const because =
    error instanceof AppError && error.cause instanceof AppError ? ` (${error.cause.code})` : '';
  return failureOf(error).code + because;
}

/** The error that ends the job in the queue without a retry. It has only the code; the row has the detail. */
export function finalFailure(error: unknown): UnrecoverableError {
  return new UnrecoverableError(codeOf(error));
}

/**
 * Puts the job back for its next attempt. A wait that the failure names spends no attempt.
 * @returns the error that the processor must throw.
 */
export async function retryLater(
  active: ActiveJob,
  error: unknown,
  order: FairOrder,
  begun = 1,
): Promise<Error> {
  const wait = providerWaitOf(error);
  if (wait !== undefined) return putBack(active, Math.max(wait, shortestWaitMs(begun)), order);
  await order.leave(active.job);
  return new Error(codeOf(error));
}

/**
 * Puts a job back into the queue for `delayMs`, its key intact and no attempt spent.
 * @returns the error that the processor must throw.
 * @throws when the queue does not take the job.
 */
export async function putBack(
  { job, token }: ActiveJob,
  delayMs: number,
  order: FairOrder,
): Promise<Error> {
  await order.leave(job);
  await job.moveToDelayed(Date.now() + delayMs, token);
  return new DelayedError();
}

/**
 * Hands the job to another worker at once, its key intact and no attempt spent. The job had its turn, so it goes before
 * all others; setting the priority anew also wakes an idle worker.
 * @returns the error that the processor must throw.
 */
export async function handBack(job: Job, token: string | undefined): Promise<Error> {
  await job.moveToWait(token);
  await job.changePriority({ priority: FIRST }).catch(() => undefined);
  return new WaitingError();
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'internal';
}
