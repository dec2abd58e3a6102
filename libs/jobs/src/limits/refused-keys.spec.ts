import { AppError } from '@app/errors';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { RefusedKeys } from './refused-keys.js';

/** A counter that has counted a rejection at once, and answers the penalty when the test says so. */
function makeCounter() {
  let refused = 0;
  const answered = Promise.withResolvers<void>();
  const counted = () => ({ consumedPoints: refused, msBeforeNext: 60_000 });
  const keys = new RefusedKeys(
    {
      get: () => Promise.resolve(counted()),
      penalty: async () => {
        refused += 1;
        await answered.promise;
        return counted();
      },
    },
    () => Promise.resolve(),
  );
  return { keys, answered };
}

describe('a rejection that is being counted', () => {
  it('is not counted a second time as a call under way', async () => {
    const { keys, answered } = makeCounter();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const underWay = Array.from({ length: 8 }, () => keys.guard('a', () => over));
    const rejected = keys.guard('a', () => Promise.reject(new AppError('llm_auth_failed', 'No.')));
    const rejection = rejected.catch((error: unknown) => error);
    await nextTurn();
    const tenth = keys.guard('a', () => Promise.resolve('called'));
    const outcome = tenth.catch((error: unknown) => error);
    await nextTurn();
    answered.resolve();
    expect(await outcome).toBe('called');
    expect(await rejection).toMatchObject({ code: 'llm_auth_failed' });
    end();
    await Promise.all(underWay);
  });
});
