import { VERDICTS } from '@app/memory';
import { z } from 'zod';

import { memorySchema } from './memories.schemas.js';

const autoSupersedeSchema = z
  .object({
    ran: z.boolean(),
    skipped_reason: z
      .enum(['disabled', 'excluded_category', 'no_candidates', 'byo_llm', 'classifier_unavailable'])
      .nullable(),
    candidates_examined: z.int(),
    supersession: z
      .object({
        superseded_id: z.uuid().nullable().describe('Null where the verdict was not applied.'),
        candidate_id: z.uuid().describe('The memory that the verdict is about.'),
        verdict: z.enum(VERDICTS),
        confidence: z.number(),
        reasoning: z.string().describe('Empty once either memory was erased.'),
        reason: z.enum([
          'applied',
          'refines',
          'below_min_confidence',
          'older_than_candidate',
          'excluded_category',
          'no_longer_current',
        ]),
        model: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'AutoSupersede' });

export type AutoSupersedeView = z.output<typeof autoSupersedeSchema>;

export const usageSchema = z.object({ input_tokens: z.int(), output_tokens: z.int() });

const extractionSchema = z.object({
  provider: z.string(),
  model: z.string(),
  byo_llm: z.boolean(),
  prompt_version: z.string(),
  llm_calls: z.int(),
  usage: usageSchema,
  note: z
    .string()
    .optional()
    .describe(
      'Why nothing was found, in the model’s words if it gave a reason; or how many facts were left out or split, and by which limit.',
    ),
});

const savedSchema = z
  .object({
    status: z.literal('saved'),
    memory_id: z.uuid(),
    company_id: z.uuid(),
    tenant_id: z.string().nullable(),
    auto_supersede: autoSupersedeSchema,
  })
  .meta({ id: 'Saved' });

const duplicateSchema = z
  .object({ status: z.literal('duplicate'), memory_id: z.uuid().describe('The existing memory.') })
  .meta({ id: 'Duplicate' });

const memoriesLeftOut = z
  .int()
  .describe('How many memories were left out: a response has at most 4 MiB of memories.');

const extractedSchema = z
  .object({
    status: z.literal('extracted'),
    company_id: z.uuid(),
    tenant_id: z.string().nullable(),
    extracted_count: z.int(),
    saved_count: z.int().describe('Fewer than were extracted if some existed already.'),
    memory_ids: z.array(z.uuid()),
    memories: z
      .array(memorySchema)
      .describe('The memories of `memory_ids` that still exist and fit into the response.'),
    memories_left_out: memoriesLeftOut,
    extraction: extractionSchema,
    auto_supersede: z.array(autoSupersedeSchema).describe('One per memory.'),
  })
  .meta({ id: 'Extracted' });

const nothingYet = z.null().describe('Set only for a stored memory.');

const dryRunSchema = z
  .object({
    status: z.literal('dry_run'),
    memories: z
      .array(
        memorySchema.extend({
          id: nothingYet,
          created_at: nothingYet,
          temporal: memorySchema.shape.temporal.extend({ transaction_time_start: nothingYet }),
        }),
      )
      .describe('The facts that would have been stored, as memories. Nothing was stored.'),
    memories_left_out: memoriesLeftOut,
    extraction: extractionSchema,
  })
  .meta({ id: 'DryRun' });

export const rememberedSchema = z.union([
  savedSchema,
  duplicateSchema,
  extractedSchema,
  dryRunSchema,
]);

export type SavedView = z.output<typeof savedSchema> | z.output<typeof duplicateSchema>;
export type ExtractedView = z.output<typeof extractedSchema>;
export type DryRunView = z.output<typeof dryRunSchema>;
export type ExtractionView = z.output<typeof extractionSchema>;
export type RememberedView = SavedView | ExtractedView | DryRunView;
