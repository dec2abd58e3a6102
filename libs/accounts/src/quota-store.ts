import type { Counted, QuotaCall } from './quota.js';

/** Counts calls that have no row of their own. Writes are counted where they are stored. */
export abstract class QuotaStore {
  /** @throws AppError `quota_exceeded` */
  abstract count(call: QuotaCall): Promise<Counted>;
  /** For a call that was refused after all. */
  abstract giveBack(call: Pick<QuotaCall, 'accountId' | 'kind'>, counted: Counted): Promise<void>;
}
