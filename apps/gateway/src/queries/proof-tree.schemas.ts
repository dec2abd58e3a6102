import { VERDICTS } from '@app/memory';
import { z } from 'zod';

import { moment } from '../http/fields.schemas.js';

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256 of the UTF-8 bytes, in lower-case hex.');

const momentAsked = {
  as_of: moment.nullable(),
  transaction_as_of: moment.nullable().describe('Null: now.'),
};

/** The evidence of an answer: ids, hashes, moments and numbers, but none of the texts themselves. */
export const proofTreeSchema = z
  .object({
    version: z.literal(1),
    retrieval: z.object({
      method: z.literal('full_text'),
      limit: z.int(),
      tenant_id: z.string().nullable(),
      sources: z.array(z.string()).nullable(),
      metadata: z.record(z.string(), z.unknown()).nullable(),
      ...momentAsked,
      memories_searched: z.int(),
      retrieved: z.int(),
      cited: z.int(),
    }),
    evidence: z
      .array(
        z.object({
          index: z.int().describe('N of `[mem-N]`.'),
          memory_id: z.uuid(),
          fact_sha256: sha256.describe('Of `decision`.'),
          original_message_sha256: sha256.describe('Of `source_citation.original_message`.'),
          cited: z.boolean(),
          similarity: z.number(),
          turns: z.array(
            z.object({
              turn_id: z.uuid(),
              sha256: sha256.describe('Of the whole text of the turn.'),
            }),
          ),
        }),
      )
      .describe('One per citation, in their order.'),
    temporal: z
      .array(
        z.object({
          memory_id: z.uuid(),
          ...momentAsked,
          valid_from: moment,
          valid_to: moment.nullable(),
          transaction_time_start: moment,
          transaction_time_end: moment.nullable(),
          standing: z.enum(['current', 'expired', 'superseded']).describe('Of that version, now.'),
        }),
      )
      .describe('One per citation: the version that was shown, and the moment that was asked for.'),
    supersession: z
      .array(
        z.object({
          memory_id: z.uuid(),
          superseded_by: z.uuid().nullable(),
          supersedes: z.array(z.object({ memory_id: z.uuid(), valid_to: moment.nullable() })),
          verdicts: z
            .array(
              z.object({
                memory_id: z.uuid().describe('The newer memory.'),
                candidate_id: z.uuid(),
                verdict: z.enum(VERDICTS),
                confidence: z.number(),
                model: z.string(),
                classified_at: moment,
              }),
            )
            .describe('The verdicts of classifiers on this memory and another one.'),
          truncated: z
            .boolean()
            .describe('Whether there are more than the 100 that are listed of either kind.'),
        }),
      )
      .describe('One per citation: what was known at that moment.'),
    answer_sha256: sha256
      .nullable()
      .describe(
        'Of `answer_with_citations` as it stands in this answer; null where there is none.',
      ),
  })
  .meta({ id: 'ProofTree' });

export type ProofTreeView = z.output<typeof proofTreeSchema>;
