import { describe, expect, it } from 'vitest';

import { clockTimeOf, isoWithOffset } from './clock-time.js';

describe('a time with its UTC offset', () => {
  it.each([
    ['2026-11-29T00:30:00+09:00', '2026-11-28T15:30:00.000Z', 540],
    ['2026-11-28T22:00:00-05:00', '2026-11-29T03:00:00.000Z', -300],
    ['2026-11-29T03:15:30.250+05:45', '2026-11-28T21:30:30.250Z', 345],
    ['2026-11-29T00:30:00-00:30', '2026-11-29T01:00:00.000Z', -30],
    ['2026-11-29T00:30:00Z', '2026-11-29T00:30:00.000Z', 0],
    ['0001-01-01T00:30:00-01:00', '0001-01-01T01:30:00.000Z', -60],
  ])('%s is read and written back', (text, at, offsetMinutes) => {
    const time = clockTimeOf(text);
    expect(time).toEqual({ at: new Date(at), offsetMinutes });
    expect(isoWithOffset(time.at, time.offsetMinutes)).toBe(text);
  });

  it.each([
    ['2026-11-29T00:30:00+00:00', '2026-11-29T00:30:00Z'],
    ['2026-11-29T00:30:00-00:00', '2026-11-29T00:30:00Z'],
    ['2026-11-29T00:30:00.5+09:00', '2026-11-29T00:30:00.500+09:00'],
    ['2026-11-29T00:30+09:00', '2026-11-29T00:30:00+09:00'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ])('%s is written as %s', (text, written) => {
    const time = clockTimeOf(text);
    expect(isoWithOffset(time.at, time.offsetMinutes)).toBe(written);
  });

  it('is formatted in UTC when the offset is unknown, or when the local year has five digits', () => {
    const at = new Date('9999-12-31T23:59:59Z');
    expect(isoWithOffset(at)).toBe('9999-12-31T23:59:59Z');
    expect(isoWithOffset(at, 60)).toBe('9999-12-31T23:59:59Z');
  });
});
