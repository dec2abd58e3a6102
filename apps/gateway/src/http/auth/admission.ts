import { type Caller, Plans, quotaState, type Tier } from '@app/accounts';
import { AppError } from '@app/errors';
import { type RemainingRequests, RateLimits } from '@app/jobs';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

/** Checks the rate limit of an API key, and whether its account is suspended or over its quota. */
@Injectable()
export class Admission {
  constructor(
    private readonly plans: Plans,
    private readonly rateLimits: RateLimits,
  ) {}

  tierOf({ planTier }: Caller): Tier {
    return this.plans.tierOf(planTier);
  }

  /**
   * Counts one request.
   * @returns undefined if the tier has no limit.
   * @throws AppError `rate_limited`
   */
  async countRequest(
    { apiKeyId }: Caller,
    { requestsPerMinute }: Tier,
  ): Promise<RemainingRequests | undefined> {
    if (requestsPerMinute === null) return undefined;
    return timed('queue', this.rateLimits.take(apiKeyId, requestsPerMinute));
  }

  /** @throws AppError `account_blocked` */
  checkAccount({ planStatus, exhaustedAt }: Caller, now: Date): void {
    if (planStatus === 'suspended') {
      throw blocked('This account is suspended. Its operator can tell why.');
    }
    if (quotaState(exhaustedAt, now) === 'blocked') {
      throw blocked(
        'This account has been over its quota for more than seven days. It is served again when the next month begins (UTC), or with a larger plan; `GET /plan/status` has the figures.',
      );
    }
  }
}

const blocked = (detail: string): AppError => new AppError('account_blocked', detail);
