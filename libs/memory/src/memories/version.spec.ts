import { describe, expect, it } from 'vitest';

import { freshnessOf, heldAt, standingOf, type Version } from './version.js';

const day = (text: string): Date => new Date(`2026-${text}T00:00:00Z`);
const ids = (versions: readonly Version[]): readonly string[] =>
  versions.map(({ validTo }) => validTo?.toISOString().slice(5, 10) ?? 'open');

const job = { memoryId: 'works-at-acme', validFrom: day('01-01'), supersededBy: null };
/** On 20 April we learned that it would end on 30 April. */
const history: readonly Version[] = [
  { ...job, validTo: null, believedFrom: day('01-10'), believedTo: day('04-20') },
  {
    ...job,
    validTo: day('04-30'),
    supersededBy: 'works-at-globex',
    believedFrom: day('04-20'),
    believedTo: null,
  },
];

describe('a job that was superseded on 20 April, as of 30 April', () => {
  it('is not held to be true in May', () => {
    expect(heldAt(history, { asOf: day('05-02'), transactionAsOf: day('05-02') })).toEqual([]);
  });

  it('was true in mid April, by current belief', () => {
    expect(ids(heldAt(history, { asOf: day('04-15'), transactionAsOf: day('05-02') }))).toEqual([
      '04-30',
    ]);
  });

  it('was expected, in mid April, to be true in May', () => {
    expect(ids(heldAt(history, { asOf: day('05-02'), transactionAsOf: day('04-15') }))).toEqual([
      'open',
    ]);
  });

  it('was not known before it was stored', () => {
    expect(heldAt(history, { asOf: day('01-05'), transactionAsOf: day('01-05') })).toEqual([]);
  });

  it('is returned as it was believed when only transactionAsOf is given', () => {
    expect(ids(heldAt(history, { transactionAsOf: day('04-15') }))).toEqual(['open']);
    expect(ids(heldAt(history, { transactionAsOf: day('05-02') }))).toEqual(['04-30']);
  });

  it('includes the start and excludes the end of an interval, on both axes', () => {
    expect(ids(heldAt(history, { asOf: day('01-01'), transactionAsOf: day('04-20') }))).toEqual([
      '04-30',
    ]);
    expect(heldAt(history, { asOf: day('04-30'), transactionAsOf: day('04-20') })).toEqual([]);
    expect(ids(heldAt(history, { transactionAsOf: new Date(day('04-20').getTime() - 1) }))).toEqual(
      ['open'],
    );
  });
});

describe('standingOf', () => {
  const [open, ended] = history as readonly [Version, Version];

  it('is current without an end, also before validFrom', () => {
    expect(standingOf(open, day('05-02'))).toBe('current');
    expect(standingOf(open, day('01-01'))).toBe('current');
  });

  it('is current until its end has come', () => {
    expect(standingOf(ended, new Date(day('04-30').getTime() - 1))).toBe('current');
    expect(standingOf(ended, day('04-30'))).toBe('superseded');
  });

  it('is expired when it ended without a successor', () => {
    expect(standingOf({ ...ended, supersededBy: null }, day('05-02'))).toBe('expired');
  });
});

const version: Version = {
  memoryId: 'lives-in-lisbon',
  validFrom: new Date('2026-01-01T00:00:00Z'),
  validTo: null,
  supersededBy: null,
  believedFrom: new Date('2026-03-01T00:00:00Z'),
  believedTo: null,
};

describe('freshnessOf', () => {
  it('is 1 when the fact becomes true, and before', () => {
    expect(freshnessOf(version, new Date('2026-01-01T00:00:00Z'), 30)).toBe(1);
    expect(freshnessOf(version, new Date('2025-12-01T00:00:00Z'), 30)).toBe(1);
  });

  it('is halved with every half-life since validFrom, whenever the fact was stored', () => {
    expect(freshnessOf(version, new Date('2026-01-31T00:00:00Z'), 30)).toBeCloseTo(0.5);
    expect(freshnessOf(version, new Date('2026-03-02T00:00:00Z'), 30)).toBeCloseTo(0.25);
    expect(freshnessOf(version, new Date('2026-01-11T00:00:00Z'), 10)).toBeCloseTo(0.5);
  });

  it('is 0 once the fact has ended, superseded or expired', () => {
    const ended = { ...version, validTo: new Date('2026-01-02T00:00:00Z') };
    expect(freshnessOf(ended, new Date('2026-01-03T00:00:00Z'), 30)).toBe(0);
    expect(
      freshnessOf({ ...ended, supersededBy: 'other' }, new Date('2026-01-03T00:00:00Z'), 30),
    ).toBe(0);
  });

  it('is above 0 while the end is in the future', () => {
    const ending = { ...version, validTo: new Date('2026-02-28T00:00:00Z') };
    expect(freshnessOf(ending, new Date('2026-01-31T00:00:00Z'), 30)).toBeCloseTo(0.5);
  });
});
