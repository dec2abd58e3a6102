import { describe, expect, it } from 'vitest';

import { freshnessOf } from './freshness.js';
import type { Version } from './version.js';

const version: Version = {
  memoryId: 'lives-in-lisbon',
  validFrom: new Date('2026-01-01T00:00:00Z'),
  validTo: null,
  supersededBy: null,
  believedFrom: new Date('2026-03-01T00:00:00Z'),
  believedTo: null,
};

describe('freshness', () => {
  it('is whole when the fact becomes true, and before', () => {
    expect(freshnessOf(version, new Date('2026-01-01T00:00:00Z'), 30)).toBe(1);
    expect(freshnessOf(version, new Date('2025-12-01T00:00:00Z'), 30)).toBe(1);
  });

  it('is halved with every half-life since it became true, whenever we heard of it', () => {
    expect(freshnessOf(version, new Date('2026-01-31T00:00:00Z'), 30)).toBeCloseTo(0.5);
    expect(freshnessOf(version, new Date('2026-03-02T00:00:00Z'), 30)).toBeCloseTo(0.25);
    expect(freshnessOf(version, new Date('2026-01-11T00:00:00Z'), 10)).toBeCloseTo(0.5);
  });

  it('is gone once the fact has ended, superseded or not', () => {
    const ended = { ...version, validTo: new Date('2026-01-02T00:00:00Z') };
    expect(freshnessOf(ended, new Date('2026-01-03T00:00:00Z'), 30)).toBe(0);
    expect(
      freshnessOf({ ...ended, supersededBy: 'other' }, new Date('2026-01-03T00:00:00Z'), 30),
    ).toBe(0);
  });

  it('is not gone before an end that is still to come', () => {
    const ending = { ...version, validTo: new Date('2026-02-28T00:00:00Z') };
    expect(freshnessOf(ending, new Date('2026-01-31T00:00:00Z'), 30)).toBeCloseTo(0.5);
  });
});
