export { AccountStore, type NewKey } from './account-store.js';
export {
  type Account,
  type Caller,
  type ClassifierAccount,
  DEFAULT_SETTINGS,
  type PlanStatus,
  type Settings,
} from './account.js';
export {
  hashApiKey,
  looksLikeApiKey,
  mintApiKey,
  type MintedKey,
  type StoredKey,
} from './api-key.js';
export { DEFAULT_TIER, Plans, type Tier } from './plans.js';
export {
  type Counted,
  type Period,
  periodOf,
  QUOTA_SLOTS,
  type QuotaCall,
  quotaExceeded,
  type QuotaKind,
  type QuotaState,
  quotaState,
  QuotaStore,
  slotCapacity,
} from './quota.js';
export { type PeriodUsage, type Spending, type SpendingOwner, UsageStore } from './usage-store.js';
