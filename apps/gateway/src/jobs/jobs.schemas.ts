import { problemSchema } from '@app/http-problems';
import { JOB_STATES } from '@app/memory';
import { z } from 'zod';

import { erasureSchema } from '../erasure/erasure.schemas.js';
import { moment } from '../http/fields.schemas.js';
import { rememberedSchema } from '../memories/remembered.schemas.js';
import { answeredSchema } from '../queries/queries.schemas.js';

export const jobSchema = z
  .object({
    job_id: z.uuid(),
    kind: z.enum(['write', 'query', 'erasure']),
    state: z.enum(JOB_STATES),
    attempts: z.int(),
    created_at: moment,
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    result: z
      .union([rememberedSchema, answeredSchema, erasureSchema])
      .nullable()
      .describe(
        'What the call would have answered, had it waited; of an erasure what it has come to, also while it runs.',
      ),
    error: problemSchema.nullable(),
  })
  .meta({ id: 'Job' });

export type JobView = z.output<typeof jobSchema>;
