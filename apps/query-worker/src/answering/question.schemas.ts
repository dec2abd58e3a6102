import { CATEGORIES, type Question } from '@app/memory';
import { z } from 'zod';

/** Dates travel in an envelope as ISO text. */
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** The question of a synchronous query, as its envelope holds it. */
export const enclosedQuestionSchema = z.object({
  question: z.string(),
  scope: z.object({ accountId: z.uuid(), tenantId: z.string().nullable() }),
  // Strict: a filter that this worker does not know must not widen the answer.
  filter: z.strictObject({
    sources: z.array(z.string()).optional(),
    sessionId: z.string().optional(),
    topic: z.string().optional(),
    category: z.enum(CATEGORIES).optional(),
    externalId: z.string().optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  moment: z.object({ asOf: moment.optional(), transactionAsOf: moment.optional() }),
  referenceDate: moment.nullable(),
  // An older gateway does not say.
  offsetMinutes: z
    .object({
      referenceDate: z.int().optional(),
      asOf: z.int().optional(),
      transactionAsOf: z.int().optional(),
    })
    .optional(),
  limit: z.int().min(1).max(100),
  // An older gateway does not say.
  includeProofTree: z.boolean().default(false),
}) satisfies z.ZodType<Question>;
