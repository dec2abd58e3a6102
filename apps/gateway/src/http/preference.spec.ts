import { describe, expect, it } from 'vitest';

import { prefersStrictHandling, readPreference } from './preference.js';

const LONGEST_MS = 90_000;
const read = (header?: string) => readPreference(header, LONGEST_MS);

describe('a Prefer header', () => {
  it('waits for the result if it is absent', () => {
    expect(read()).toEqual({
      waitMs: LONGEST_MS,
      synchronous: true,
      strict: false,
      applied: undefined,
    });
  });

  it.each(['respond-async', 'Respond-Async', ' respond-async ; x=1', 'foo, respond-async'])(
    '%j does not wait',
    (header) => {
      expect(read(header)).toEqual({
        waitMs: 0,
        synchronous: false,
        strict: false,
        applied: 'respond-async',
      });
    },
  );

  it.each(['wait=10', 'wait="10"', 'WAIT = 10', 'wait=10, wait=20'])(
    '%j waits ten seconds',
    (header) => {
      expect(read(header)).toEqual({
        waitMs: 10_000,
        synchronous: false,
        strict: false,
        applied: 'wait=10',
      });
    },
  );

  it('may ask for both', () => {
    expect(read('wait=3, respond-async')).toEqual({
      waitMs: 3_000,
      synchronous: false,
      strict: false,
      applied: 'respond-async, wait=3',
    });
  });

  it('gets at most the longest allowed wait, and the response says so', () => {
    expect(read('wait=3600')).toMatchObject({ waitMs: LONGEST_MS, applied: 'wait=90' });
  });

  it('may ask for no wait at all', () => {
    expect(read('wait=0')).toMatchObject({ waitMs: 0, synchronous: false, applied: 'wait=0' });
  });

  it.each(['wait=-1', 'wait=soon', 'wait', 'wait=1.5', '', ',,,', 'return=minimal', '=;"'])(
    '%j is ignored',
    (header) => {
      expect(read(header)).toMatchObject({ synchronous: true, applied: undefined });
    },
  );

  it.each(['handling=strict', 'Handling = "Strict"', 'handling=strict; x=1, handling=lenient'])(
    '%j has unknown fields refused, and waits all the same',
    (header) => {
      expect(read(header)).toEqual({
        waitMs: LONGEST_MS,
        synchronous: true,
        strict: true,
        applied: 'handling=strict',
      });
      expect(prefersStrictHandling(header)).toBe(true);
    },
  );

  it('may ask for strict handling and no wait', () => {
    expect(read('handling=strict, respond-async')).toMatchObject({
      synchronous: false,
      strict: true,
      applied: 'respond-async, handling=strict',
    });
  });

  it.each(['handling=lenient', 'handling', 'handling=lenient, handling=strict', 'strict'])(
    '%j has them ignored',
    (header) => {
      expect(read(header)).toMatchObject({ strict: false, applied: undefined });
    },
  );

  it.each(['x="a, respond-async"', 'x="\\", respond-async"', 'x="; handling=strict, wait=1'])(
    '%j asks for nothing inside its quotes',
    (header) => {
      expect(read(header)).toMatchObject({ synchronous: true, strict: false, applied: undefined });
    },
  );

  it.each([
    ['spaces after a value', `a=${' '.repeat(1_000_000)}"`],
    ['spaces before a name', `${' '.repeat(1_000_000)}"`],
    ['spaces between two names', `a${' '.repeat(1_000_000)}b`],
    ['commas', ','.repeat(1_000_000)],
    ['quotes', '"'.repeat(1_000_001)],
    ['semicolons', `a${';'.repeat(1_000_000)}`],
    ['equals signs', `a${'='.repeat(1_000_000)}`],
  ])('is read in linear time: a megabyte of %s', (_what, header) => {
    const start = process.cpuUsage();
    expect(read(header).applied).toBeUndefined();
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});
