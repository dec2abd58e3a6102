import type { Answer } from '@app/memory';
import { z } from 'zod';

const count = z.number();

const found = {
  hits: z.array(z.object({ memoryId: z.uuid(), similarity: z.number(), cited: z.boolean() })),
  searched: count,
  // A worker of an earlier version leaves none out.
  leftOut: count.default(0),
};

/** The memories that were found for a streamed question, as a worker tells them. */
export const repliedFoundSchema = z.object(found);

/** The answer of a synchronous question, as a worker replies it: it is nowhere else. */
export const repliedAnswerSchema = z.object({
  text: z.string(),
  grounded: z.boolean(),
  ...found,
  generation: z.object({
    provider: z.string(),
    model: z.string(),
    byoLlm: z.boolean(),
    llmCalls: count,
    usage: z.object({ inputTokens: count, outputTokens: count }),
  }),
}) satisfies z.ZodType<Answer>;
