export { AccountStore, type NewKey } from './account-store.js';
export {
  type Account,
  type Caller,
  DEFAULT_SETTINGS,
  type PlanStatus,
  type Settings,
} from './account.js';
export { hashApiKey, looksLikeApiKey, mintApiKey, type StoredKey } from './api-key.js';
export { DEFAULT_TIER, Plans, type Tier } from './plans.js';
export {
  type Counted,
  periodOf,
  QUOTA_SLOTS,
  type QuotaCall,
  quotaExceeded,
  type QuotaKind,
  quotaState,
  QuotaStore,
  slotCapacity,
} from './quota.js';
export { type PeriodUsage, type Spending, type SpendingOwner, UsageStore } from './usage-store.js';
