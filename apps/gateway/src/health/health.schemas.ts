import { z } from 'zod';

export const liveSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Live' });

export const readySchema = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    checks: z
      .record(z.string(), z.enum(['ok', 'down']))
      .describe('What was asked, and what is down.'),
  })
  .meta({ id: 'Ready' });
