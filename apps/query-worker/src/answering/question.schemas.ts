import { keyUnavailable } from '@app/caller-keys';
import { AppError } from '@app/errors';
import { RETRY_AFTER_MS } from '@app/jobs/policy';
import { CATEGORIES, type Question } from '@app/memory';
import { z } from 'zod';

/** An envelope holds dates as ISO 8601 text. */
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/**
 * The question of a synchronous query in its envelope. The schema is strict at every level: a newer gateway may send a field
 * that this worker does not know, and ignoring a filter would widen the answer.
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
  // This field is optional, because an older gateway does not send it.
  offsetMinutes: z
    .strictObject({
      referenceDate: z.int().optional(),
      asOf: z.int().optional(),
      transactionAsOf: z.int().optional(),
    })
    .optional(),
  limit: z.int().min(1).max(100),
  // This field has a default, because an older gateway does not send it.
  includeProofTree: z.boolean().default(false),
}) satisfies z.ZodType<Question>;

/**
 * @throws AppError `unavailable` for a field that only a newer version knows: another worker may answer a repeated call.
 * `caller_key_unavailable` for an envelope that holds no question.
 */
export function readEnclosedQuestion(enclosed: unknown): Question {
  const read = enclosedQuestionSchema.safeParse(enclosed);
  if (read.success) return read.data;
  const isNewer = read.error.issues.every(({ code }) => code === 'unrecognized_keys');
  throw isNewer ? olderWorker() : keyUnavailable();
}

const olderWorker = (): AppError =>
  new AppError(
    'unavailable',
    'A worker of an older version took this question and cannot read all of it. Try again in a moment.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
