import { CATEGORIES, type Question } from '@app/memory';
import { z } from 'zod';

/** An envelope holds dates as ISO 8601 text. */
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/**
 * The question of a synchronous query in its envelope. Strict at every level: a newer gateway may send a field that this
 * worker does not know, and ignoring a filter would widen the answer.
 */
export const enclosedQuestionSchema = z.strictObject({
  question: z.string(),
  scope: z.strictObject({ accountId: z.uuid(), tenantId: z.string().nullable() }),
  filter: z.strictObject({
    sources: z.array(z.string()).optional(),
    sessionId: z.string().optional(),
    topic: z.string().optional(),
    category: z.enum(CATEGORIES).optional(),
    externalId: z.string().optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  moment: z.strictObject({ asOf: moment.optional(), transactionAsOf: moment.optional() }),
  referenceDate: moment.nullable(),
  // Optional, because an older gateway does not send it.
  offsetMinutes: z
    .strictObject({
      referenceDate: z.int().optional(),
      asOf: z.int().optional(),
      transactionAsOf: z.int().optional(),
    })
    .optional(),
  limit: z.int().min(1).max(100),
  // With a default, because an older gateway does not send it.
  includeProofTree: z.boolean().default(false),
}) satisfies z.ZodType<Question>;
