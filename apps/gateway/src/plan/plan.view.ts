import { type PeriodUsage, periodOf, quotaState, type Spending } from '@app/accounts';

import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { PlanStatusView } from './plan.schemas.js';

type Account = Pick<
  AuthenticatedCaller,
  'accountId' | 'planTier' | 'planStatus' | 'exhaustedAt' | 'tier'
>;

export function viewPlan(
  { accountId, planTier, planStatus, exhaustedAt, tier }: Account,
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
    // After a change to a smaller plan more may be used than there is.
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
