import { describe, expect, it } from 'vitest';

import {
  isStorableMoment,
  storable,
  storableCount,
  storableFailure,
  storableJson,
} from './storable.js';

describe('values for Postgres', () => {
  it('have no NUL and no lone surrogate', () => {
    expect(storable('a\0b\ud83d c 😀')).toBe('ab\ufffd c 😀');
  });

  it('as JSON have storable texts at any depth', () => {
    const value = { a: ['x\0', { b: 'y\udc00' }], n: 1, at: new Date(0), none: null };
    expect(JSON.parse(storableJson(value))).toEqual({
      a: ['x', { b: 'y\ufffd' }],
      n: 1,
      at: '1970-01-01T00:00:00.000Z',
      none: null,
    });
  });

  it('cut the texts of a failure without splitting a character', () => {
    const provider = { type: 'bad\0type', code: '😀'.repeat(9_000) };
    const stored = storableFailure({
      code: 'internal',
      detail: `${'x'.repeat(3_999)}😀😀`,
      provider,
    });
    const { detail, provider: told } = JSON.parse(stored);
    expect(detail).toBe(`${'x'.repeat(3_999)}😀`);
    expect(told).toEqual({ type: 'badtype', code: '😀'.repeat(4_000) });
  });

  it.each([
    [1.5, 2],
    [-5, 0],
    [3e9, 2_147_483_647],
    [1e300, 2_147_483_647],
    [Infinity, 2_147_483_647],
    [NaN, 0],
    [42, 42],
  ])('limit a count to its column: %d', (given, stored) => {
    expect(storableCount(given)).toBe(stored);
  });

  it('accept times of the years 1 to 9999', () => {
    expect(isStorableMoment(new Date('0000-06-01T00:00:00Z'))).toBe(false);
    expect(isStorableMoment(new Date('0001-01-01T00:00:00Z'))).toBe(true);
    expect(isStorableMoment(new Date('9999-12-31T23:59:59Z'))).toBe(true);
    expect(isStorableMoment(new Date('9999-12-31T23:59:59-14:00'))).toBe(false);
    expect(isStorableMoment(new Date('nonsense'))).toBe(false);
  });
});
