import { type LlmTarget, MIN_KEY_CHARACTERS } from '@app/caller-keys';
import { AppError } from '@app/errors';
import type { RunnableJob, StoredJob } from '@app/memory';

import { refusalOf } from '../http/body/faults.js';
import { visitTexts } from '../http/body/texts.js';

/** The reason why a job in any other state cannot be run again. */
const REASON_BY_STATE: Readonly<Record<Exclude<StoredJob['state'], 'failed'>, string>> = {
  queued: 'This job has not ended: it will run by itself.',
  running: 'This job has not ended: it is running now.',
  succeeded: 'This job has succeeded: there is nothing to run again.',
  cancelled: 'This job was cancelled, and its text erased with it. Post the request again.',
};

/** @throws AppError `job_not_retryable` for a job that is not failed, or whose text was erased. */
export function refuseUnlessRetryable(job: StoredJob): asserts job is RunnableJob {
  if (job.kind === 'erasure') throw notRetryable('An erasure goes on by itself until its end.');
  if (job.state !== 'failed') throw notRetryable(REASON_BY_STATE[job.state]);
  if (job.textKept) return;
  throw notRetryable(
    'The waiting call received the failure of this job, and the text was erased. Post the request again.',
  );
}

export const changedMeanwhile = (): AppError =>
  notRetryable('Another call has just retried this job, or its text was erased.');

export const onlyByItsCaller = (): AppError =>
  notRetryable(
    'This job needs its caller’s own model key, which was wiped. Only the caller can retry it, with a new `llm`.',
  );

export const llmRequired = (): AppError =>
  refusalOf([
    {
      path: ['llm'],
      message: 'is required: this job runs only on your own model account, and its key was wiped',
    },
  ]);

/**
 * Refuses a key that the stored text contains: another run would extract the key into memories.
 * @throws AppError `llm_invalid_request`
 */
export function refuseKeyInText(target: LlmTarget, text: unknown): void {
  const key = target.key.reveal();
  if (key.length < MIN_KEY_CHARACTERS) return;
  let isFound = false;
  visitTexts(text, (part) => {
    isFound ||= part.includes(key);
  });
  if (!isFound) return;
  throw refusalOf([
    {
      path: ['llm', 'key'],
      message: 'occurs in the text of this job, which is kept. Use another key',
    },
  ]);
}

const notRetryable = (detail: string): AppError => new AppError('job_not_retryable', detail);
