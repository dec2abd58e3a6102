import { describe, expect, it } from 'vitest';

import { hashApiKey, looksLikeApiKey, mintApiKey } from './api-key.js';

describe('an API key', () => {
  it('matches the format that it is checked against', () => {
    expect(looksLikeApiKey(mintApiKey().apiKey)).toBe(true);
  });

  it('is 32 random bytes: no two are the same', () => {
    const keys = Array.from({ length: 100 }, () => mintApiKey().apiKey);
    expect(new Set(keys).size).toBe(100);
    expect(Buffer.from(keys[0]?.slice('aurra_'.length) ?? '', 'base64url')).toHaveLength(32);
  });

  it('is stored as its hash and its last four characters', () => {
    const { apiKey, hash, lastFour } = mintApiKey();
    expect(hash).toEqual(hashApiKey(apiKey));
    expect(apiKey.endsWith(lastFour)).toBe(true);
    expect(lastFour).toHaveLength(4);
  });

  it('is hashed by SHA-256', () => {
    // The test vector for "abc" of FIPS 180-2, appendix B.1.
    expect(hashApiKey('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it.each([
    ['nothing', ''],
    ['another prefix', 'other_'.padEnd(49, 'a')],
    ['one character less', 'aurra_'.padEnd(48, 'a')],
    ['one character more', 'aurra_'.padEnd(50, 'a')],
    ['a line break at its end', `${'aurra_'.padEnd(49, 'a')}\n`],
    ['a character of another alphabet', 'aurra_'.padEnd(48, 'a') + '+'],
  ])('is not %s', (_, text) => {
    expect(looksLikeApiKey(text)).toBe(false);
  });
});
