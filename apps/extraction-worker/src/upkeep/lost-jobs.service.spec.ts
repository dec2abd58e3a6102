import { ENQUEUE_TIMEOUT_MS, OVERDUE_AFTER_MS } from '@app/jobs/policy';
import type { UnfinishedJob } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { fateOf } from './lost-jobs.service.js';

const fate = (given: Partial<UnfinishedJob>) =>
  fateOf({
    id: 'w',
    run: 1,
    accountId: 'a',
    llmAccount: 'bundled',
    requestId: 'r',
    ageMs: ENQUEUE_TIMEOUT_MS,
    overdueMs: -1,
    needsKey: false,
    ...given,
  });

describe('a row whose job is lost', () => {
  it('is run again when it uses the bundled account', () => {
    expect(fate({})).toBe('run_again');
  });

  it('fails when it needs the caller’s key, instead of using the bundled account', () => {
    expect(fate({ llmAccount: 'caller', needsKey: true })).toBe('key_lost');
  });

  it('is run again when it does not need the caller’s key', () => {
    expect(fate({ llmAccount: 'caller' })).toBe('run_again');
  });

  it('is left alone while its gateway may still be queueing it', () => {
    expect(fate({ ageMs: ENQUEUE_TIMEOUT_MS - 1 })).toBe('too_early');
    expect(fate({ ageMs: 0, needsKey: true })).toBe('too_early');
  });

  it('is overdue once every attempt that began before the deadline must have ended', () => {
    expect(fate({ overdueMs: OVERDUE_AFTER_MS })).toBe('run_again');
    expect(fate({ overdueMs: OVERDUE_AFTER_MS + 1 })).toBe('overdue');
    expect(fate({ overdueMs: OVERDUE_AFTER_MS + 1, needsKey: true })).toBe('overdue');
  });
});
