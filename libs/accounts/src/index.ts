export type { Account, Caller, PlanStatus } from './account.js';
export {
  hashApiKey,
  looksLikeApiKey,
  mintApiKey,
  type MintedKey,
  type StoredKey,
} from './api-key.js';
export { AccountStore, type NewKey } from './account-store.js';
