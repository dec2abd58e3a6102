import { sealedSchema } from '@app/caller-keys';
import { z } from 'zod';

import { defineJob, PAYLOAD_VERSIONS, type PayloadOf, SEALED_JOB_OPTIONS } from './job-contract.js';

export const extractMemories = defineJob({
  queue: 'extraction',
  name: 'extract-memories',
  version: 2,
  // Ids and one sealed envelope, never text: memories are stored in Postgres only.
  // Not strict, but versioned: old and new workers run side by side during a rolling deploy.
  payload: z.object({
    v: PAYLOAD_VERSIONS,
    writeId: z.uuid(),
    run: z.int(),
    /** Only for the fair order. The row decides which account the write belongs to. */
    accountId: z.uuid().optional(),
    llmAccount: z.enum(['caller', 'bundled']),
    sealed: sealedSchema.optional(),
    /** Only with a caller's own key: the counter to raise when a provider rejects it. */
    refusalsUnder: z.string().optional(),
    replyTo: z.string().optional(),
    requestId: z.string(),
    traceparent: z.string().optional(),
  }),
  options: SEALED_JOB_OPTIONS,
});

export type ExtractMemories = PayloadOf<typeof extractMemories>;
