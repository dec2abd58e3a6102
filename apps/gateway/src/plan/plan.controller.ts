import { type PeriodUsage, periodOf, quotaState, type Spending, UsageStore } from '@app/accounts';
import { timed } from '@app/observability';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { EvenBlocked } from '../http/auth/route-access.js';
import { planStatusSchema, type PlanStatusView } from './plan.schemas.js';

@ApiTags('plan')
@Controller('plan')
export class PlanController {
  constructor(private readonly usage: UsageStore) {}

  @Get('status')
  @EvenBlocked()
  @ApiOperation({ summary: 'The limits of the plan, and the usage of this month' })
  @Answers({ 200: planStatusSchema })
  async status(@FromCaller() caller: AuthenticatedCaller): Promise<PlanStatusView> {
    const used = await timed('db', this.usage.inThisPeriod(caller.accountId));
    return viewPlan(caller, used, new Date());
  }
}

type PlanOwner = Pick<
  AuthenticatedCaller,
  'accountId' | 'planTier' | 'planStatus' | 'exhaustedAt' | 'tier'
>;

function viewPlan(
  { accountId, planTier, planStatus, exhaustedAt, tier }: PlanOwner,
  { writes, queries, spending }: PeriodUsage,
  now: Date,
): PlanStatusView {
  const { start, end } = periodOf(now);
  const limit = tier.writesPerMonth;
  const state = quotaState(exhaustedAt, now);
  return {
    org_id: accountId,
    plan_tier: planTier,
    plan_status: planStatus,
    writes_used: writes,
    writes_limit: limit,
    // After a change to a smaller plan, more may be used than the plan allows.
    writes_remaining: limit === null ? null : Math.max(0, limit - writes),
    queries_used: queries,
    queries_limit: tier.queriesPerMonth,
    period_start: start.toISOString(),
    period_end: end.toISOString(),
    in_grace_period: state === 'grace',
    blocked: state === 'blocked',
    inference: {
      bundled: { ...viewSpending(spending.bundled), charged: true },
      byo: { ...viewSpending(spending.caller), charged: false },
    },
  };
}

const viewSpending = ({ calls, inputTokens, outputTokens }: Spending) => ({
  calls,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
});
