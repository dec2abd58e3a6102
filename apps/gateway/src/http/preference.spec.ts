import { describe, expect, it } from 'vitest';

import { readPreference } from './preference.js';

const LONGEST_MS = 90_000;
const read = (header?: string) => readPreference(header, LONGEST_MS);

describe('a Prefer header', () => {
  it('that is absent means: wait for the result', () => {
    expect(read()).toEqual({ waitMs: LONGEST_MS, synchronous: true, applied: undefined });
  });

  it.each(['respond-async', 'Respond-Async', ' respond-async ; x=1', 'foo, respond-async'])(
    '%j does not wait',
    (header) => {
      expect(read(header)).toEqual({ waitMs: 0, synchronous: false, applied: 'respond-async' });
    },
  );

  it.each(['wait=10', 'wait="10"', 'WAIT = 10', 'wait=10, wait=20'])(
    '%j waits ten seconds',
    (header) => {
      expect(read(header)).toEqual({ waitMs: 10_000, synchronous: false, applied: 'wait=10' });
    },
  );

  it('may ask for both', () => {
    expect(read('wait=3, respond-async')).toEqual({
      waitMs: 3_000,
      synchronous: false,
      applied: 'respond-async, wait=3',
    });
  });

  it('is granted no longer wait than ours, and told so', () => {
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
});
