import { CATEGORIES } from '@app/memory';
import { z } from 'zod';

import { label, moment, tenant, timestampParameter } from '../http/fields.schemas.js';

const METADATA_PARAMETER = /^metadata\[([^\]]+)\]$/;

/** A misspelt filter. Ignoring it would list memories that the caller meant to filter out. */
const isMisspelt = (name: string): boolean =>
  /^metadata($|\[)/.test(name) &&
  [undefined, '__proto__'].includes(METADATA_PARAMETER.exec(name)?.[1]);

/** `metadata[k]=v` parameters become one object. */
function gatherMetadata(parameters: unknown): unknown {
  if (typeof parameters !== 'object' || parameters === null) return parameters;
  const entries = Object.entries(parameters as Record<string, unknown>);
  if (entries.some(([name]) => isMisspelt(name))) {
    return { ...parameters, metadata: 'must be metadata[k]=v' };
  }
  const metadata = entries.flatMap(([name, value]) => {
    const key = METADATA_PARAMETER.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  const rest = Object.fromEntries(entries.filter(([name]) => !METADATA_PARAMETER.test(name)));
  return { ...rest, metadata: metadata.length === 0 ? undefined : Object.fromEntries(metadata) };
}

export const listSchema = z.preprocess(
  gatherMetadata,
  z.object({
    tenant_id: tenant.describe('Default: the default tenant; `*`: all of them.'),
    source: z
      .union([label, z.array(label).max(100)])
      .transform((given) => [given].flat())
      .optional()
      .describe('May be repeated.'),
    session_id: label.optional(),
    topic: label.optional(),
    category: z.enum(CATEGORIES).optional(),
    external_id: label.optional(),
    metadata: z
      .record(z.string(), z.string())
      .optional()
      .describe('`metadata[k]=v`, compared as text.'),
    include_superseded: z
      .enum(['true', 'false', '1', '0'], 'must be true or false')
      .transform((flag) => flag === 'true' || flag === '1')
      .default(false),
    as_of: timestampParameter.optional().describe('What was true at this moment.'),
    transaction_as_of: timestampParameter.optional().describe('What was believed at this moment.'),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
    cursor: z.string().max(1_024).optional().describe('The `next_cursor` of the page before.'),
  }),
);

export type ListMemories = z.output<typeof listSchema>;

/** Valid time and transaction time of the version that is shown. */
export const temporalSchema = z
  .object({
    valid_from: moment,
    valid_to: moment.nullable(),
    superseded_by: z.uuid().nullable(),
    is_current: z.boolean(),
    is_expired: z.boolean(),
    is_superseded: z.boolean(),
    transaction_time_start: moment,
    transaction_time_end: moment.nullable(),
    is_known_current: z.boolean().describe('Whether the version that is shown is still believed.'),
  })
  .meta({ id: 'Temporal' });

export type TemporalView = z.output<typeof temporalSchema>;

/** A memory and one of its versions. */
export const memorySchema = z
  .object({
    id: z.uuid(),
    summary: z.string(),
    decision: z.string().describe('The fact. `summary` equals it.'),
    topic: z.string(),
    category: z.enum(CATEGORIES),
    importance_score: z.int(),
    freshness: z
      .number()
      .describe(
        'Halved every `freshness_half_life_days` of the API key; 0 once superseded or expired. Advisory.',
      ),
    source: z.string(),
    tenant_id: z.string().nullable(),
    session_id: z.string().nullable(),
    external_id: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: moment,
    valid_from: moment,
    valid_to: moment.nullable(),
    superseded_by: z.uuid().nullable(),
    source_citation: z.object({
      type: z.string(),
      channel: z.string().nullable(),
      captured_at: moment,
      original_message: z
        .string()
        .describe(
          'What was said: one turn as it was, several as `role: text` lines; in content mode the content. In lists and answers its first 4,000 characters and `…`; all of it at `GET /agent/memories/{id}`.',
        ),
      original_message_truncated: z.boolean(),
    }),
    temporal: temporalSchema,
  })
  .meta({ id: 'Memory' });

export type MemoryView = z.output<typeof memorySchema>;

export const memoryListSchema = z
  .object({
    company_id: z.uuid(),
    tenant_id: z.string().nullable(),
    as_of: moment.nullable(),
    transaction_as_of: moment.nullable(),
    include_superseded: z.boolean(),
    count: z.int(),
    memories: z.array(memorySchema),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'MemoryList' });

export type MemoryListView = z.output<typeof memoryListSchema>;
