import { type Counted, type QuotaCall, QuotaStore } from '@app/accounts';

import { countCall } from './count-calls.js';
import type { Database } from '../sql/database.js';

const GIVE_BACK = `
  update quota_slots set used = used - 1
   where account_id = $1 and kind = $2 and period = $3 and slot = $4 and used > 0`;

export class PostgresQuotaStore extends QuotaStore {
  constructor(private readonly database: Database) {
    super();
  }

  count(call: QuotaCall): Promise<Counted> {
    return countCall(this.database, call);
  }

  async giveBack(
    { accountId, kind }: Pick<QuotaCall, 'accountId' | 'kind'>,
    { period, slot }: Counted,
  ): Promise<void> {
    await this.database.query(GIVE_BACK, [accountId, kind, period, slot]);
  }
}
