import { createHash, randomBytes } from 'node:crypto';

const API_KEY = /^aurra_[A-Za-z0-9_-]{43}$/;

/** An Aurra API key as its holder sees it, shown once, and what we keep of it. */
export interface MintedKey {
  readonly apiKey: string;
  readonly hash: Buffer;
  readonly lastFour: string;
}

/** What of an API key is stored, without the key. */
export interface StoredKey {
  readonly id: string;
  readonly accountId: string;
  readonly name: string | null;
  readonly lastFour: string;
  readonly tenantId: string | null;
  readonly readOnly: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** SHA-256: 256 random bits need no slow hash. */
export function hashApiKey(apiKey: string): Buffer {
  return createHash('sha256').update(apiKey).digest();
}

export function looksLikeApiKey(text: string): boolean {
  return API_KEY.test(text);
}

/** `aurra_` and 32 random bytes in base64url. */
export function mintApiKey(): MintedKey {
  const apiKey = `aurra_${randomBytes(32).toString('base64url')}`;
  return { apiKey, hash: hashApiKey(apiKey), lastFour: apiKey.slice(-4) };
}
