import { z } from 'zod';

import { moment } from '../http/fields.schemas.js';

const spendingSchema = (charged: boolean) =>
  z.object({
    calls: z.int(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    charged: z.literal(charged),
  });

export const planStatusSchema = z
  .object({
    org_id: z.uuid(),
    plan_tier: z.string(),
    plan_status: z.enum(['active', 'suspended']),
    writes_used: z.int(),
    writes_limit: z.int().nullable().describe('Null: unlimited.'),
    writes_remaining: z.int().nullable(),
    queries_used: z.int(),
    queries_limit: z.int().nullable(),
    period_start: moment,
    period_end: moment.describe('The end of the month, when all counts begin at 0 again.'),
    in_grace_period: z.boolean().describe('The quota was exceeded less than seven days ago.'),
    blocked: z
      .boolean()
      .describe('The quota was exceeded at least seven days ago: every other call answers 403.'),
    inference: z.object({
      bundled: spendingSchema(true).describe('On the model account of this installation.'),
      byo: spendingSchema(false).describe('On your own model account, with `llm`.'),
    }),
  })
  .meta({ id: 'PlanStatus' });

export type PlanStatusView = z.output<typeof planStatusSchema>;
