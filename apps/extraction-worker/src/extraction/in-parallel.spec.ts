import { describe, expect, it } from 'vitest';

import { mapInParallel } from './in-parallel.js';

const never = new AbortController().signal;

describe('mapInParallel', () => {
  it('keeps the order of the items, with no more calls at once than the limit', async () => {
    let running = 0;
    let most = 0;
    const doubled = await mapInParallel(
      [5, 1, 4, 2, 3],
      2,
      async (item) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, item));
        running -= 1;
        return item * 2;
      },
      never,
    );
    expect(doubled).toEqual([10, 2, 8, 4, 6]);
    expect(most).toBe(2);
  });

  it('starts no call after a failure, and aborts the running ones', async () => {
    const begun: number[] = [];
    const aborted: number[] = [];
    const work = (item: number, signal: AbortSignal): Promise<number> => {
      begun.push(item);
      if (item === 1) return Promise.reject(new Error('refused'));
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(item);
          reject(new Error('aborted'));
        });
      });
    };
    await expect(mapInParallel([0, 1, 2, 3], 2, work, never)).rejects.toThrow('refused');
    expect(begun).toEqual([0, 1]);
    expect(aborted).toEqual([0]);
  });
});
