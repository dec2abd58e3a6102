import { AppError, failureOf } from '@app/errors';
import type { Job } from 'bullmq';

import type { Attempt } from './attempt.js';
import { isLastAttempt, shortestWaitMs } from './settle-failure.js';

/** A job that stalls this often ends its workers: it is given up. */
const MOST_STALLS = 3;

export class GivenUp extends AppError {
  constructor() {
    super('unavailable', 'The workers that ran this job went away. It was given up.');
  }
}

/** @throws GivenUp */
export function refuseStalled({ mostStalls }: Attempt<unknown>, job: Job): void {
  if (job.stalledCounter >= (mostStalls ?? MOST_STALLS)) throw new GivenUp();
}

export const overdue = (): AppError =>
  new AppError('llm_unavailable', 'The model took longer than one attempt of a job may take.');

/** A wait that the provider asked for is honoured unless it passes the deadline; it spends no attempt. */
export function isFinal(
  error: unknown,
  { deadlineAt, begun = 1 }: Attempt<unknown>,
  job: Job,
): boolean {
  if (error instanceof GivenUp) return true;
  if (error instanceof AppError && !error.retryable) return true;
  const wait = waitOf(error);
  const waitMs = wait === undefined ? 0 : Math.max(wait, shortestWaitMs(begun));
  if (Date.now() + waitMs > deadlineAt.getTime()) return true;
  return wait === undefined && isLastAttempt(job);
}

/** What failed, and why where one of our codes says so: an operator has to know what a caller need not. */
export function codesOf(error: unknown): string {
  const because =
    error instanceof AppError && error.cause instanceof AppError ? ` (${error.cause.code})` : '';
  return failureOf(error).code + because;
}

/** How long this failure asks to be waited for, in milliseconds. */
export function waitOf(error: unknown): number | undefined {
  return error instanceof AppError ? error.retryAfterMs : undefined;
}
