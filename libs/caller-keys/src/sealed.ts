import { AppError } from '@app/errors';
import { z } from 'zod';

/**
 * The error for an envelope that is missing, has expired, was altered, was sealed for another job, or does not agree with its
 * row. It does not say which of these it was.
 */
export function keyUnavailable(): AppError {
  return new AppError(
    'caller_key_unavailable',
    'The sealed key of this job is gone or has expired. Retry the job, or send the request again, with a fresh `llm`.',
  );
}

/**
 * An envelope that is sealed to the workers: `v2.<kid>.<ephemeral public key>.<nonce>.<ciphertext and tag>`, base64url. Older
 * gateways seal `v1`.
 */
export const sealedSchema = z
  .string()
  .regex(/^v[12](\.[A-Za-z0-9_-]+){4}$/)
  .brand('sealed');

export type Sealed = z.output<typeof sealedSchema>;

/** A sealed envelope is bound to a queue, one run of a job and an account, and opens only for them. */
export interface SealBinding {
  readonly queue: string;
  /** The job's id in the queue: `<job_id>.<run>`. */
  readonly jobId: string;
  readonly accountId: string;
}
