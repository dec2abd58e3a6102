import { AppError, StoreUnavailable } from '@app/errors';
import type { Reply } from '@app/jobs';
import { describe, expect, it } from 'vitest';

import type { Attempt } from './attempt.js';
import { completeRow } from './end-row.js';

const REPLY: Reply = { kind: 'settled', jobId: '1' };
const QUICK = { timeoutMs: 200, pauseMs: 1 };
const going = (): boolean => false;

/** An attempt whose row takes the outcome after these failures. */
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

const away = (): StoreUnavailable => new StoreUnavailable('Try again.', { retryAfterMs: 1 });

describe('storing an outcome', () => {
  it('is repeated while Postgres is away, without another call to the model', async () => {
    const { attempt, completed } = attemptThatFails(away(), away());
    expect(await completeRow(attempt, 'facts', going, QUICK)).toEqual(REPLY);
    expect(completed).toEqual(['facts', 'facts', 'facts']);
  });

  it('ends with the timeout, and when the attempt is stopped', async () => {
    const always = Array.from({ length: 1_000 }, away);
    await expect(
      completeRow(attemptThatFails(...always).attempt, 'facts', going, QUICK),
    ).rejects.toThrow(StoreUnavailable);
    const { attempt, completed } = attemptThatFails(...always);
    await expect(completeRow(attempt, 'facts', () => true, QUICK)).rejects.toThrow(
      StoreUnavailable,
    );
    expect(completed).toHaveLength(1);
  });

  it('is not repeated after a failure other than a lost connection', async () => {
    for (const error of [new AppError('unavailable', 'A memory was erased.'), new TypeError()]) {
      const { attempt, completed } = attemptThatFails(error);
      await expect(completeRow(attempt, 'facts', going, QUICK)).rejects.toBe(error);
      expect(completed).toHaveLength(1);
    }
  });
});
