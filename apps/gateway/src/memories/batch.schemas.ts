import { llmTargetSchema } from '@app/caller-keys';
import { problemSchema } from '@app/http-problems';
import { z } from 'zod';

import { MAX_WRITES } from './read-batch.js';
import { rememberSchema } from './remember.schemas.js';

/** Documents the body only: `readBatch` reads it, because a malformed item is refused alone. */
export const batchSchema = z
  .object({
    writes: z
      .array(rememberSchema)
      .min(1)
      .max(MAX_WRITES)
      .describe('One job each. A write that is malformed or not allowed is refused alone.'),
    llm: llmTargetSchema.nullish().describe('For every write without an `llm` of its own.'),
  })
  .meta({ id: 'Batch' });

const index = z.int().describe('Its place in `writes`, counted from 0.');

export const batchResultsSchema = z
  .object({
    count: z.int().describe('How many results: one for each of `writes`.'),
    results: z.array(
      z.union([
        z.object({ index, status: z.literal('accepted'), job_id: z.uuid() }),
        z.object({ index, status: z.literal('refused'), problem: problemSchema }),
      ]),
    ),
  })
  .meta({ id: 'BatchResults' });

export type BatchResultsView = z.output<typeof batchResultsSchema>;
