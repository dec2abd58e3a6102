import { describe, expect, it } from 'vitest';

import { momentOfPage } from './page-moment.js';

const MAY = new Date('2026-05-01T00:00:00Z');
const READ = new Date('2026-06-01T00:00:00Z');

describe('the first page', () => {
  it('shows what was asked for', () => {
    expect(momentOfPage({ as_of: MAY }, undefined)).toEqual({
      asOf: MAY,
      transactionAsOf: undefined,
    });
  });
});

describe('a later page', () => {
  it('of the default list shows what was believed and true when the first was read', () => {
    expect(momentOfPage({}, READ)).toEqual({ asOf: READ, transactionAsOf: READ });
  });

  it('keeps the valid time that was asked for', () => {
    expect(momentOfPage({ as_of: MAY }, READ)).toEqual({ asOf: MAY, transactionAsOf: READ });
  });

  it('keeps the transaction time that was asked for, and asks no validity with it', () => {
    expect(momentOfPage({ transaction_as_of: MAY }, READ)).toEqual({
      asOf: undefined,
      transactionAsOf: MAY,
    });
  });

  it('of a transaction time to come shows what was believed when the first was read', () => {
    const to_come = new Date('2027-01-01T00:00:00Z');
    expect(momentOfPage({ transaction_as_of: to_come }, READ)).toEqual({
      asOf: undefined,
      transactionAsOf: READ,
    });
  });
});
