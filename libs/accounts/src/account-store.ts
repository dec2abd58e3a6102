import type { Account, Caller, PlanStatus, Settings } from './account.js';
import type { StoredKey } from './api-key.js';

export interface NewKey {
  readonly hash: Buffer;
  readonly lastFour: string;
  readonly name: string | null;
  readonly tenantId: string | null;
  readonly readOnly: boolean;
  readonly expiresAt: Date | null;
}

/** Accounts and their API keys. */
export abstract class AccountStore {
  /** Finds the API key with this hash. Undefined: the key is unknown, revoked or expired, or its account was deleted. */
  abstract findCaller(hash: Buffer): Promise<Caller | undefined>;
  abstract add(
    account: { readonly name: string; readonly planTier: string },
    firstKey: NewKey,
  ): Promise<{ readonly account: Account; readonly key: StoredKey }>;
  abstract find(accountId: string): Promise<Account | undefined>;
  /** Newest first; at most `limit`. */
  abstract list(page: {
    readonly limit: number;
    readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
  }): Promise<readonly Account[]>;
  /**
   * Setting the tier, even to its current value, ends the grace period or the block of this month. A new grace period begins
   * when the quota is exhausted again.
   */
  abstract change(
    accountId: string,
    changes: {
      readonly name?: string | undefined;
      readonly planTier?: string | undefined;
      readonly planStatus?: PlanStatus | undefined;
    },
  ): Promise<Account | undefined>;
  /** Undefined: no such account. */
  abstract addKey(accountId: string, key: NewKey): Promise<StoredKey | undefined>;
  abstract listKeys(accountId: string): Promise<readonly StoredKey[]>;
  /** The key is refused from the next call on. False: no such key. */
  abstract revokeKey(keyId: string): Promise<boolean>;
  /** Changes only the given settings. Undefined: no such key. */
  abstract changeSettings(
    key: Pick<Caller, 'accountId' | 'apiKeyId'>,
    changes: Partial<Settings>,
  ): Promise<Settings | undefined>;
  /** Updates the time of last use, at most once a minute per key. */
  abstract recordUse(apiKeyId: string): Promise<void>;
}
