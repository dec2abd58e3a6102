import { describe, expect, it } from 'vitest';

import { inParallel } from './in-parallel.js';

const never = new AbortController().signal;

describe('inParallel', () => {
  it('keeps the order and does no more than so many at once', async () => {
    let running = 0;
    let most = 0;
    const doubled = await inParallel(
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

  it('begins nothing more after a failure, and aborts what is under way', async () => {
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
    await expect(inParallel([0, 1, 2, 3], 2, work, never)).rejects.toThrow('refused');
    expect(begun).toEqual([0, 1]);
    expect(aborted).toEqual([0]);
  });
});
