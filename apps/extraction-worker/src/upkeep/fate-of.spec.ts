import type { UnfinishedJob } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { ENQUEUED_WITHIN_MS, fateOf, LATEST_END_MS } from './fate-of.js';

const fate = (given: Partial<UnfinishedJob>) =>
  fateOf({
    id: 'w',
    run: 1,
    accountId: 'a',
    llmAccount: 'bundled',
    requestId: 'r',
    ageMs: ENQUEUED_WITHIN_MS,
    overdueMs: -1,
    needsKey: false,
    ...given,
  });

describe('accepted work without a job', () => {
  it('is run again on the bundled account', () => {
    expect(fate({})).toBe('run_again');
  });

  it('has lost its key on the caller’s, and does not move to the bundled one', () => {
    expect(fate({ llmAccount: 'caller', needsKey: true })).toBe('key_lost');
  });

  it('is run again where it can be done without the key', () => {
    expect(fate({ llmAccount: 'caller' })).toBe('run_again');
  });

  it('is left alone while its enqueue may be under way', () => {
    expect(fate({ ageMs: ENQUEUED_WITHIN_MS - 1 })).toBe('too_early');
    expect(fate({ ageMs: 0, needsKey: true })).toBe('too_early');
  });

  it('is given up when an attempt at it could have ended long ago', () => {
    expect(fate({ overdueMs: LATEST_END_MS })).toBe('run_again');
    expect(fate({ overdueMs: LATEST_END_MS + 1 })).toBe('overdue');
    expect(fate({ overdueMs: LATEST_END_MS + 1, needsKey: true })).toBe('overdue');
  });
});
