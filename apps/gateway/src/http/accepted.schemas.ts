import { z } from 'zod';

export const acceptedSchema = z
  .object({ status: z.literal('accepted'), job_id: z.uuid() })
  .meta({ id: 'Accepted' });

export type Accepted = z.output<typeof acceptedSchema>;
