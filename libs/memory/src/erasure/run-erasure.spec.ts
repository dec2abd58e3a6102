import { describe, expect, it } from 'vitest';

import { runErasure } from './run-erasure.js';
import type { CancelledJob, Erasure, ErasureStore } from './erasure.js';

const ERASURE: Erasure = {
  id: 'erasure',
  accountId: 'account',
  apiKeyId: null,
  extent: 'tenant',
  tenantId: 'tenant',
  createdAt: new Date(0),
};

/** A store in which so much is left: what each call takes away, at most its limit. */
class Left {
  readonly steps: string[] = [];
  readonly withdrawn: CancelledJob[] = [];

  constructor(
    private readonly left: { work: number; memories: number; texts: number },
    /** A write that runs again, and so has a text, while texts are erased for the first time. */
    private late = 0,
  ) {}

  readonly store = {
    cancelCoveredJobs: (_: Erasure, limit: number) => {
      const ended = Array.from({ length: this.#take('work', limit) }, (__, at) => ({
        kind: 'write',
        id: `${at}`,
        run: 1,
      }));
      return Promise.resolve(ended);
    },
    eraseMemories: (_: Erasure, limit: number) => Promise.resolve(this.#take('memories', limit)),
    eraseTexts: (_: Erasure, limit: number) => {
      this.left.work += this.late;
      this.late = 0;
      return Promise.resolve(this.#take('texts', limit));
    },
    finish: () => {
      this.steps.push('finish');
      return Promise.resolve(42);
    },
  } as unknown as ErasureStore;

  readonly withdraw = (ended: readonly CancelledJob[]): Promise<void> => {
    this.withdrawn.push(...ended);
    return Promise.resolve();
  };

  #take(what: 'work' | 'memories' | 'texts', limit: number): number {
    const taken = Math.min(limit, this.left[what]);
    this.left[what] -= taken;
    if (taken > 0) this.steps.push(`${what} ${taken}`);
    return taken;
  }
}

describe('runErasure', () => {
  it('cancels jobs, erases memories and then texts in batches, and returns the number of memories', async () => {
    const left = new Left({ work: 501, memories: 1_200, texts: 3 });
    expect(await runErasure(ERASURE, left)).toBe(42);
    expect(left.steps).toEqual([
      'work 500',
      'work 1',
      'memories 500',
      'memories 500',
      'memories 200',
      'texts 3',
      'finish',
    ]);
    expect(left.withdrawn).toHaveLength(501);
  });

  it('starts again when a job was run again in the meantime', async () => {
    const left = new Left({ work: 0, memories: 1, texts: 1 }, 2);
    await runErasure(ERASURE, left);
    expect(left.steps).toEqual(['memories 1', 'texts 1', 'work 2', 'finish']);
    expect(left.withdrawn).toHaveLength(2);
  });

  it('stops without finishing when isEnough returns true', async () => {
    const left = new Left({ work: 0, memories: 2_000, texts: 1 });
    const isEnough = (): boolean => left.steps.length >= 2;
    expect(
      await runErasure(ERASURE, { store: left.store, withdraw: left.withdraw, isEnough }),
    ).toBeUndefined();
    expect(left.steps).toEqual(['memories 500', 'memories 500']);
  });
});
