import { z } from 'zod';

export const liveSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Live' });

export const readySchema = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    checks: z
      .record(z.string(), z.enum(['ok', 'down', 'stopping']))
      .describe('What was asked, and what is down.'),
    settings: z
      .record(z.string(), z.enum(['ok', 'wrong', 'unknown']))
      .optional()
      .describe('How what it needs is set up: what is wrong here keeps nobody from working.'),
  })
  .meta({ id: 'Ready' });
