import { z } from 'zod';

export const liveSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Live' });

export const readySchema = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    checks: z
      .record(z.string(), z.enum(['ok', 'down', 'stopping']))
      .describe('The state of each dependency.'),
    settings: z
      .record(z.string(), z.enum(['ok', 'wrong', 'unknown']))
      .optional()
      .describe(
        'Whether each dependency is set up as it should be. A wrong setting does not change `status`.',
      ),
  })
  .meta({ id: 'Ready' });
