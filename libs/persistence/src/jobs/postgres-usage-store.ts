import {
  type PeriodUsage,
  type QuotaKind,
  type Spending,
  type SpendingOwner,
  UsageStore,
} from '@app/accounts';

import type { Database } from '../sql/database.js';
import { PERIOD } from '../sql/statements.js';
import { recordUsage } from './record-usage.js';

const USED = `
  select kind, sum(used)::float8 as used from quota_slots
   where account_id = $1 and period = ${PERIOD} group by kind`;

/** float8 is exact up to 2^53, and no account uses so many tokens in a month. */
const SPENT = `
  select owner, sum(calls)::float8 as calls, sum(input_tokens)::float8 as "inputTokens",
         sum(output_tokens)::float8 as "outputTokens"
    from usage_slots where account_id = $1 and period = ${PERIOD} group by owner`;

const NOTHING = { calls: 0, inputTokens: 0, outputTokens: 0 };

export class PostgresUsageStore extends UsageStore {
  constructor(private readonly database: Database) {
    super();
  }

  record(
    spent: Spending & { readonly accountId: string; readonly owner: SpendingOwner },
  ): Promise<void> {
    return recordUsage(this.database, spent);
  }

  async inThisPeriod(accountId: string): Promise<PeriodUsage> {
    const [counters, bills] = await Promise.all([
      this.database.query<{ kind: QuotaKind; used: number }>(USED, [accountId]),
      this.database.query<Spending & { readonly owner: SpendingOwner }>(SPENT, [accountId]),
    ]);
    const usedOf = (kind: QuotaKind): number =>
      counters.find((counter) => counter.kind === kind)?.used ?? 0;
    const spentBy = (payer: SpendingOwner): Spending => {
      const { calls, inputTokens, outputTokens } =
        bills.find(({ owner }) => owner === payer) ?? NOTHING;
      return { calls, inputTokens, outputTokens };
    };
    return {
      writes: usedOf('write'),
      queries: usedOf('query'),
      spending: { caller: spentBy('caller'), bundled: spentBy('bundled') },
    };
  }
}
