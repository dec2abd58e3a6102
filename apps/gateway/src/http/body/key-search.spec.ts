import { describe, expect, it } from 'vitest';

import { KeySearch } from './key-search.js';

const few = ['sk-canary-0123456789'];
const many = Array.from(
  { length: 1_000 },
  (_, index) => `sk-canary-${String(index).padStart(6, '0')}`,
);

describe.each([
  ['one key', few],
  ['many keys', [...many, ...few]],
])('a search for %s', (_what, keys) => {
  const search = new KeySearch(keys);

  it('finds each key at any position', () => {
    for (const key of keys) {
      for (const text of [key, `a${key}`, `${key}b`, `sk-canary-${key}`]) {
        expect(search.areIn(text)).toBe(true);
      }
    }
  });

  it('ignores a text that only begins like a key', () => {
    for (const text of [
      '',
      'sk',
      'sk-canary-',
      'sk-canary-01234567',
      'sk-canary-00100',
      'SK-CANARY-000001',
    ])
      expect(search.areIn(text)).toBe(false);
  });
});

it('searches sixteen megabytes for a thousand keys quickly', () => {
  const search = new KeySearch(many);
  const text = 'I live in London, and sk is no key. '.repeat(460_000);
  const start = process.cpuUsage();
  expect(search.areIn(text)).toBe(false);
  expect(process.cpuUsage(start).user).toBeLessThan(5_000_000);
});

it('is not slowed down by similar keys and a similar text', () => {
  const alike = Array.from({ length: 1_000 }, (_, index) => `${'a'.repeat(28)}${index}`);
  const text = 'a'.repeat(8_000_000);
  const start = process.cpuUsage();
  expect(new KeySearch(alike).areIn(text)).toBe(false);
  expect(new KeySearch([`b${'a'.repeat(8_000)}`]).areIn(text)).toBe(false);
  expect(process.cpuUsage(start).user).toBeLessThan(5_000_000);
});

it('searches for the beginning of a long key, and ignores keys that the schema refuses', () => {
  const long = `sk-${'x'.repeat(40)}`;
  expect(new KeySearch([long]).areIn(`see ${long.slice(0, 32)}`)).toBe(true);
  expect(new KeySearch([long]).areIn(`see ${long.slice(0, 31)}`)).toBe(false);
  expect(new KeySearch(['too short', 'größer als zwölf']).isEmpty).toBe(true);
});
