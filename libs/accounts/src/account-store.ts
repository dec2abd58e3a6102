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
  /** Who holds the key with this hash. Undefined: unknown, revoked, expired, or its account is gone. */
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
  /** Another tier, or the same again, ends a block and begins a new grace period. */
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
  /** At once. False: no such key. */
  abstract revokeKey(keyId: string): Promise<boolean>;
  /** Changes only what it is given. Undefined: no such key. */
  abstract changeSettings(
    key: Pick<Caller, 'accountId' | 'apiKeyId'>,
    changes: Partial<Settings>,
  ): Promise<Settings | undefined>;
  /** At most once a minute per key. */
  abstract noteUse(apiKeyId: string): Promise<void>;
}
