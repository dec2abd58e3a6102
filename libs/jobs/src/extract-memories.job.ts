import { sealedSchema } from '@app/caller-keys';
import { z } from 'zod';

import { defineJob, type PayloadOf, SEALED_JOB_OPTIONS } from './job-contract.js';

export const extractMemories = defineJob({
  queue: 'extraction',
  name: 'extract-memories',
  version: 1,
  // Ids and one sealed envelope, never text: the queue is not where memories live.
  // Loose, and versioned: old and new workers run side by side while a fleet is rolled.
  payload: z.object({
    v: z.literal(1),
    writeId: z.uuid(),
    run: z.int(),
    /** For the order of service alone: whose the write is, its row says. */
    accountId: z.uuid().optional(),
    llmAccount: z.enum(['caller', 'bundled']),
    sealed: sealedSchema.optional(),
    /** Of a caller's own key: under which name it is counted, should a provider refuse it. */
    refusalsUnder: z.string().optional(),
    replyTo: z.string().optional(),
    requestId: z.string(),
    traceparent: z.string().optional(),
  }),
  options: SEALED_JOB_OPTIONS,
});

export type ExtractMemories = PayloadOf<typeof extractMemories>;
