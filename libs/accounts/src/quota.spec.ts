import { describe, expect, it } from 'vitest';

import { periodOf, QUOTA_SLOTS, quotaExceeded, quotaState, slotCapacity } from './quota.js';

const slots = Array.from({ length: QUOTA_SLOTS }, (_, slot) => slot);
const DAY_MS = 86_400_000;

describe('the slots of a quota', () => {
  it.each([0, 1, 10, 15, 16, 17, 10_000, 1_000_003])('take %i together', (limit) => {
    const capacities = slots.map((slot) => slotCapacity(limit, slot));
    expect(capacities.reduce((sum, capacity) => sum + capacity, 0)).toBe(limit);
    expect(Math.max(...capacities) - Math.min(...capacities)).toBeLessThanOrEqual(1);
  });

  it('have the capacity of a Postgres integer when there is no limit', () => {
    expect(slotCapacity(null, 3)).toBe(2 ** 31 - 1);
  });
});

describe('a period', () => {
  it.each([
    ['2026-11-01T00:00:00.000Z', '2026-11-01', '2026-12-01'],
    ['2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
    ['2028-02-29T12:00:00.000Z', '2028-02-01', '2028-03-01'],
  ])('that holds %s is its month in UTC', (now, start, end) => {
    expect(periodOf(new Date(now))).toEqual({ start: new Date(start), end: new Date(end) });
  });
});

describe('an account that exceeded its quota', () => {
  const exhaustedAt = new Date('2026-11-10T08:00:00Z');
  const after = (ms: number) => new Date(exhaustedAt.getTime() + ms);

  it('is in grace for seven days, then blocked', () => {
    expect(quotaState(exhaustedAt, exhaustedAt)).toBe('grace');
    expect(quotaState(exhaustedAt, after(7 * DAY_MS - 1))).toBe('grace');
    expect(quotaState(exhaustedAt, after(7 * DAY_MS))).toBe('blocked');
  });

  it('is open as long as exhaustedAt is null', () => {
    expect(quotaState(null, after(0))).toBe('open');
  });

  it('gets an error whose retryAfterMs ends with the period', () => {
    const error = quotaExceeded('query', 50_000, new Date('2026-11-30T23:59:00Z'));
    expect(error.toFailure()).toMatchObject({
      code: 'quota_exceeded',
      retryAfterMs: 60_000,
      limit: { name: 'queries', quota: 50_000, windowMs: 30 * DAY_MS },
    });
  });
});
