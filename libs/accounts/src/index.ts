export type { Account, Caller, PlanStatus } from './account.js';
export { AccountStore, type NewKey } from './account-store.js';
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
  slotCapacity,
} from './quota.js';
export { QuotaStore } from './quota-store.js';
export { type ClassifierAccount, DEFAULT_SETTINGS, type Settings } from './settings.js';
export { type PeriodUsage, type Spending, type SpendingOwner, UsageStore } from './usage-store.js';
