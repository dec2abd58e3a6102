import { QuotaStore } from '@app/accounts';
import { failureOf } from '@app/errors';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';

/** Counts queries when they are accepted. What a model then does with one, or its provider says of it, is no reason to uncount it. */
@Injectable()
export class QueryQuota {
  constructor(private readonly quota: QuotaStore) {}

  /**
   * @param gone aborted when the caller has gone away: that is no refusal of ours.
   * @throws AppError `quota_exceeded`, or what `ask` throws; where that is our own trouble the query is given back.
   */
  async whileCounted<Asked>(
    { accountId, tier }: AuthenticatedCaller,
    gone: AbortSignal,
    ask: () => Promise<Asked>,
  ): Promise<Asked> {
    const call = { accountId, kind: 'query', limit: tier.queriesPerMonth } as const;
    const counted = await timed('db', this.quota.count(call));
    try {
      return await ask();
    } catch (error) {
      if (isOurTrouble(error) && !gone.aborted)
        await this.quota.giveBack(call, counted).catch(() => undefined);
      throw error;
    }
  }
}

const isOurTrouble = (error: unknown): boolean =>
  ['unavailable', 'internal'].includes(failureOf(error).code);
