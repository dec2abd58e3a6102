import type { Expected } from '@app/jobs';
import { describe, expect, it, vi } from 'vitest';

import { hears } from './hears.js';

const WAIT_MS = 12_000;
const ended = (): Promise<boolean> => Promise.resolve(true);
const goesOn = (): Promise<boolean> => Promise.resolve(false);
const here = new AbortController().signal;

/** A queue that says nothing, for as long as it is asked to. */
function silentJob() {
  const waits: number[] = [];
  const expected: Expected = {
    reply: (timeoutMs) => {
      waits.push(timeoutMs);
      return Promise.resolve(undefined);
    },
    [Symbol.dispose]: () => undefined,
  };
  return { waits, expected };
}

describe('a job that is waited for', () => {
  it('is heard of by its reply', async () => {
    const expected: Expected = {
      reply: () => Promise.resolve({ kind: 'settled', jobId: 'mine' }),
      [Symbol.dispose]: () => undefined,
    };
    const hasEnded = vi.fn(() => Promise.resolve(false));
    const inbox = { hasGivenUp: false };
    expect(await hears({ inbox, expected, hasEnded }, WAIT_MS, here)).toBe(true);
    expect(hasEnded).not.toHaveBeenCalled();
  });

  it('is heard of by its row where the reply was lost, long before the wait is over', async () => {
    const { waits, expected } = silentJob();
    const inbox = { hasGivenUp: false };
    expect(await hears({ inbox, expected, hasEnded: ended }, WAIT_MS, here)).toBe(true);
    expect(waits).toEqual([5_000]);
  });

  it('is waited for no longer than was asked for', async () => {
    const { waits, expected } = silentJob();
    const inbox = { hasGivenUp: false };
    expect(await hears({ inbox, expected, hasEnded: goesOn }, WAIT_MS, here)).toBe(false);
    expect(waits).toEqual([5_000, 5_000, 2_000]);
  });

  it.each([
    ['its caller is gone', false, AbortSignal.abort()],
    ['this process ends', true, here],
  ])('is waited for no more once %s', async (_why, hasGivenUp, gone) => {
    const { waits, expected } = silentJob();
    expect(await hears({ inbox: { hasGivenUp }, expected, hasEnded: goesOn }, WAIT_MS, gone)).toBe(
      false,
    );
    expect(waits).toHaveLength(1);
  });
});
