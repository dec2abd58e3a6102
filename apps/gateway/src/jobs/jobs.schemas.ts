import { problemSchema } from '@app/http-problems';
import { JOB_STATES } from '@app/memory';
import { z } from 'zod';

import { moment } from '../http/fields.schemas.js';
import { rememberedSchema } from '../memories/remembered.schemas.js';
import { answeredSchema } from '../queries/queries.schemas.js';

export const jobSchema = z
  .object({
    job_id: z.uuid(),
    kind: z.enum(['write', 'query']),
    state: z.enum(JOB_STATES),
    attempts: z.int(),
    created_at: moment,
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    result: z
      .union([rememberedSchema, answeredSchema])
      .nullable()
      .describe('What the call would have answered, had it waited.'),
    error: problemSchema.nullable(),
  })
  .meta({ id: 'Job' });

export type JobView = z.output<typeof jobSchema>;
