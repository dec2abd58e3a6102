import { AppError, StoreAway } from '@app/errors';
import { describe, expect, it } from 'vitest';

import type { Attempt } from './attempt.js';
import { completePatiently } from './complete-patiently.js';
import type { Reply } from './reply.js';

const REPLY: Reply = { kind: 'settled', jobId: '1' };
const QUICK = { patienceMs: 200, pauseMs: 1 };
const going = (): boolean => false;

/** An attempt whose row takes its outcome after these failures. */
function attemptThatFails(...failures: readonly Error[]) {
  const completed: string[] = [];
  const attempt: Attempt<string> = {
    isWaitedFor: () => Promise.resolve(false),
    deadlineAt: new Date(),
    work: () => Promise.reject(new Error('The model is not asked again.')),
    complete: (outcome) => {
      completed.push(outcome);
      const failure = failures[completed.length - 1];
      return failure ? Promise.reject(failure) : Promise.resolve(REPLY);
    },
    fail: () => Promise.reject(new Error('It has not failed.')),
    handBack: () => Promise.reject(new Error('It is not handed back.')),
  };
  return { attempt, completed };
}

const away = (): StoreAway => new StoreAway('Try again.', { retryAfterMs: 1 });

describe('an outcome that the store cannot take yet', () => {
  it('is kept, and stored when the store is back', async () => {
    const { attempt, completed } = attemptThatFails(away(), away());
    expect(await completePatiently(attempt, 'facts', going, QUICK)).toEqual(REPLY);
    expect(completed).toEqual(['facts', 'facts', 'facts']);
  });

  it('is given up after a while, and when the attempt is stopped', async () => {
    const always = Array.from({ length: 1_000 }, away);
    await expect(
      completePatiently(attemptThatFails(...always).attempt, 'facts', going, QUICK),
    ).rejects.toThrow(StoreAway);
    const { attempt, completed } = attemptThatFails(...always);
    await expect(completePatiently(attempt, 'facts', () => true, QUICK)).rejects.toThrow(StoreAway);
    expect(completed).toHaveLength(1);
  });

  it('is not offered again where the store is not the reason', async () => {
    for (const error of [new AppError('unavailable', 'A memory was erased.'), new TypeError()]) {
      const { attempt, completed } = attemptThatFails(error);
      await expect(completePatiently(attempt, 'facts', going, QUICK)).rejects.toBe(error);
      expect(completed).toHaveLength(1);
    }
  });
});
