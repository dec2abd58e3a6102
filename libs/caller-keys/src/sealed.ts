import { z } from 'zod';

/** Something sealed to the workers: `v1.<kid>.<ephemeral public key>.<nonce>.<ciphertext and tag>`, base64url. */
export const sealedSchema = z
  .string()
  .regex(/^v1(\.[A-Za-z0-9_-]+){4}$/)
  .brand('sealed');

export type Sealed = z.output<typeof sealedSchema>;

/** What a sealed envelope is bound to: it opens for this job of this account on this queue, and for nothing else. */
export interface SealBinding {
  readonly queue: string;
  readonly jobId: string;
  readonly accountId: string;
}
