import { hash, randomBytes } from 'node:crypto';

const API_KEY = /^aurra_[A-Za-z0-9_-]{43}$/;

/** A new API key: the text, which is shown once and never stored, and the fields that are stored. */
export interface MintedKey {
  readonly apiKey: string;
  readonly hash: Buffer;
  readonly lastFour: string;
}

/** The stored fields of an API key, without its hash. */
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

/** SHA-256 is enough: a key has 256 random bits, so no slow password hash is needed. */
export function hashApiKey(apiKey: string): Buffer {
  return hash('sha256', apiKey, 'buffer');
}

export function looksLikeApiKey(text: string): boolean {
  return API_KEY.test(text);
}

/** `aurra_` and 32 random bytes in base64url. */
export function mintApiKey(): MintedKey {
  const apiKey = `aurra_${randomBytes(32).toString('base64url')}`;
  return { apiKey, hash: hashApiKey(apiKey), lastFour: apiKey.slice(-4) };
}
