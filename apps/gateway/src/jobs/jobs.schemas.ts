import { type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import { problemSchema } from '@app/http-problems';
import { JOB_STATES, LISTED_KINDS } from '@app/memory';
import { z } from 'zod';

import { erasureSchema } from '../erasure/erasure.schemas.js';
import { moment } from '../http/fields.schemas.js';
import { rememberedSchema } from '../memories/remembered.schemas.js';
import { answeredSchema } from '../queries/queries.schemas.js';

/** The result of a write or a query: the response body of a call that waits for the job. */
export const runnableResultSchema = z.union([rememberedSchema, answeredSchema]);

export type RunnableResultView = z.output<typeof runnableResultSchema>;

export const jobSchema = z
  .object({
    job_id: z.uuid(),
    kind: z.enum(LISTED_KINDS),
    state: z.enum(JOB_STATES),
    attempts: z.int().describe('Over all its runs.'),
    created_at: moment,
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    result: z
      .union([rememberedSchema, answeredSchema, erasureSchema])
      .nullable()
      .describe(
        'The response that a waiting call would have received. For an erasure, its progress so far.',
      ),
    error: problemSchema.nullable(),
  })
  .meta({ id: 'Job' });

export type JobView = z.output<typeof jobSchema>;

export const jobPageSchema = z.object({
  state: z.enum(JOB_STATES).optional(),
  kind: z.enum(LISTED_KINDS).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .describe(
      'At most so many; fewer where their results hold a thousand memories or 4 MiB between them. `next_cursor` tells whether there are more.',
    ),
  cursor: z.string().max(1_024).optional().describe('The `next_cursor` of the page before.'),
});

export type JobPage = z.output<typeof jobPageSchema>;

export const jobListSchema = z
  .object({
    company_id: z.uuid(),
    count: z.int(),
    jobs: z.array(jobSchema),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'JobList' });

export type JobListView = z.output<typeof jobListSchema>;

export const retrySchema = z
  .object({
    llm: llmTargetSchema
      .nullish()
      .describe(
        'Required if the job ran on your own model, because its key was wiped. For any other job it moves the job to your model.',
      ),
  })
  .meta({ id: 'Retry' });

export interface Retry {
  readonly llm?: LlmTarget | null | undefined;
}
