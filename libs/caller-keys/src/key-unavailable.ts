import { AppError } from '@app/errors';

/**
 * There is no envelope, it has expired, was altered, was sealed for another job, or does not agree with its row: which of
 * these it was is not said.
 */
export function keyUnavailable(): AppError {
  return new AppError(
    'caller_key_unavailable',
    'The sealed key of this job is gone or has expired. Retry the job, or send the request again, with a fresh `llm`.',
  );
}
