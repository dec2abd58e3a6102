import { z } from 'zod';

import { label, moment, timestamp } from '../http/fields.schemas.js';
import { memorySchema, temporalSchema } from '../memories/memories.schemas.js';

export const supersedeSchema = z
  .object({
    superseded_by: label.nullish().describe('The memory that takes its place.'),
    valid_to: timestamp
      .nullish()
      .describe(
        'From when it is no longer true. Default: where the successor begins, if that is later than its own beginning; else now.',
      ),
  })
  .refine(({ superseded_by, valid_to }) => (superseded_by ?? valid_to ?? null) !== null, {
    path: ['superseded_by'],
    message: 'is required, unless valid_to is given',
  })
  .meta({ id: 'Supersede' });

export type Supersede = z.output<typeof supersedeSchema>;

export const supersededSchema = z
  .object({
    status: z.enum(['superseded', 'expired']).describe('`expired`: without a successor.'),
    memory_id: z.uuid(),
    superseded_by: z.uuid().nullable(),
    valid_to: moment,
  })
  .meta({ id: 'Superseded' });

export type SupersededView = z.output<typeof supersededSchema>;

export const restoredSchema = z
  .object({
    status: z.literal('restored'),
    memory_id: z.uuid(),
    superseded_by: z.null(),
    valid_to: z.null(),
  })
  .meta({ id: 'Restored' });

export type RestoredView = z.output<typeof restoredSchema>;

const erasedSchema = z
  .object({ id: z.uuid(), erased: z.literal(true) })
  .meta({ id: 'ErasedMemory' });

export const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
  cursor: z.string().max(1_024).optional().describe('The `next_cursor` of the page before.'),
});

export type Page = z.output<typeof pageSchema>;

const nextCursor = z.string().nullable().describe('Null on the last page.');

export const timelineSchema = z
  .object({
    memory_id: z.uuid(),
    company_id: z.uuid(),
    chain_length: z.int().describe('The number of memories in the whole chain.'),
    truncated: z
      .boolean()
      .describe(
        'Whether the chain has more than 10,000 memories. The timeline then has the nearest ones.',
      ),
    timeline: z
      .array(z.union([memorySchema, erasedSchema]))
      .describe('Oldest first: a superseded memory comes before its successor.'),
    next_cursor: nextCursor,
  })
  .meta({ id: 'Timeline' });

export type TimelineView = z.output<typeof timelineSchema>;

const ERASED = 'Null once the memory is erased.';

export const auditSchema = z
  .object({
    memory_id: z.uuid(),
    memory: z
      .object({ summary: z.string(), decision: z.string(), topic: z.string() })
      .nullable()
      .describe(ERASED),
    provenance: z
      .object({
        source_type: z.string(),
        channel: z.string().nullable(),
        tenant_id: z.string().nullable(),
        external_id: z.string().nullable(),
        original_input: z
          .string()
          .describe('The turns that the memory was extracted from, or the content.'),
        original_input_truncated: z
          .boolean()
          .describe('Whether `original_input` was cut at 2 Mi characters.'),
        captured_at: moment,
      })
      .nullable()
      .describe(ERASED),
    extraction: z
      .object({
        provider: z.string(),
        model: z.string(),
        byo_llm: z.boolean(),
        base_url_host: z.string().nullable(),
        prompt_version: z.string(),
        extracted_at: moment,
      })
      .nullable()
      .describe('Null in content mode and once the memory is erased.'),
    temporal: temporalSchema.nullable().describe(ERASED),
    history: z
      .array(
        z.object({
          event: z.string().describe('`memory.created`, `memory.superseded`, …'),
          at: moment,
          by: z.string().describe('The id of an API key, or `system`.'),
          details: z.record(z.string(), z.unknown()),
        }),
      )
      .describe('Oldest first.'),
    next_cursor: nextCursor,
  })
  .meta({ id: 'Audit' });

export type AuditView = z.output<typeof auditSchema>;
