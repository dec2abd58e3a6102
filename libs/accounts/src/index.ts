export type { Account, Caller, PlanStatus } from './account.js';
export {
  hashApiKey,
  looksLikeApiKey,
  mintApiKey,
  type MintedKey,
  type StoredKey,
} from './api-key.js';
export { type ClassifierAccount, DEFAULT_SETTINGS, type Settings } from './settings.js';
export { AccountStore, type NewKey } from './account-store.js';
