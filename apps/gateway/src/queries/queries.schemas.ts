import { type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import { z } from 'zod';

import {
  clockTime,
  label,
  metadataFilter,
  moment,
  question,
  tenant,
} from '../http/fields.schemas.js';
import { memorySchema } from '../memories/memories.schemas.js';
import { usageSchema } from '../memories/remembered.schemas.js';
import { proofTreeSchema } from './proof-tree.schemas.js';

const asked = z.object({
  question,
  limit: z
    .int()
    .min(1)
    .max(100)
    .nullish()
    .describe('How many memories are retrieved. Default: 10.'),
  tenant_id: tenant.describe('Default: the default tenant; `*`: all of them.'),
  sources: z.array(label).max(100).nullish(),
  metadata: metadataFilter.nullish().describe('Equality, compared as text.'),
  as_of: clockTime.nullish(),
  transaction_as_of: clockTime.nullish(),
  reference_date: clockTime
    .nullish()
    .describe(
      'Relative dates in the question are resolved against it, on the calendar of its offset.',
    ),
  include_proof_tree: z
    .boolean()
    .nullish()
    .describe('Adds `proof_tree`: what the answer rests on.'),
});

export const searchSchema = asked.meta({ id: 'Search' });

export const querySchema = asked.extend({ llm: llmTargetSchema.nullish() }).meta({ id: 'Query' });

export type Search = z.output<typeof searchSchema>;
export type Query = Search & { readonly llm?: LlmTarget | null | undefined };

const citationSchema = z
  .object({
    index: z.int().describe('N of `[mem-N]`.'),
    memory_id: z.uuid(),
    decision: z.string(),
    content: z.string(),
    topic: z.string(),
    similarity: z.number(),
    cited_by_llm: z.boolean(),
    valid_from: moment,
    is_superseded: z.boolean(),
    tenant_id: z.string().nullable(),
    source: z.string(),
  })
  .meta({ id: 'Citation' });

export type CitationView = z.output<typeof citationSchema>;

const truncated = z
  .boolean()
  .describe(
    'Whether more was retrieved than one answer holds: memories take 4 MiB of it at most. What is left out stood at the end of the ranking, and the model was not shown it.',
  );

export const foundSchema = z
  .object({
    question: z.string(),
    citations: z.array(citationSchema).describe('All retrieved memories, in rank order.'),
    memories: z.array(memorySchema),
    memories_searched: z.int(),
    truncated,
    as_of: moment.nullable(),
    transaction_as_of: moment.nullable(),
    company_id: z.uuid(),
    proof_tree: proofTreeSchema.optional(),
  })
  .meta({ id: 'Found' });

export type FoundView = z.output<typeof foundSchema>;

export const answeredSchema = z
  .object({
    question: z.string(),
    answer: z.string().describe('Without markers.'),
    answer_with_citations: z.string().describe('`[mem-N]` is `citations[N-1]`.'),
    citations: z.array(citationSchema).describe('All retrieved memories, in rank order.'),
    memories: z.array(memorySchema),
    memories_searched: z.int(),
    truncated,
    grounded: z.boolean().describe('Whether the answer cites at least one memory.'),
    as_of: moment.nullable(),
    transaction_as_of: moment.nullable(),
    company_id: z.uuid(),
    generation: z.object({
      provider: z.string(),
      model: z.string(),
      byo_llm: z.boolean(),
      llm_calls: z.int(),
      usage: usageSchema,
    }),
    proof_tree: proofTreeSchema.optional(),
  })
  .meta({ id: 'Answered' });

export type AnsweredView = z.output<typeof answeredSchema>;
