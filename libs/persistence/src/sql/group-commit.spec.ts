import { AppError } from '@app/errors';
import { describe, expect, it } from 'vitest';

import { GroupCommit } from './group-commit.js';

/** A commit that the test resolves by hand; `batches` are the items of each call. */
function makeGate() {
  const batches: (readonly number[])[] = [];
  const gates: PromiseWithResolvers<undefined>[] = [];
  const commit = (items: readonly number[]): Promise<undefined> => {
    batches.push(items);
    const gate = Promise.withResolvers<undefined>();
    gates.push(gate);
    return gate.promise;
  };
  return { batches, gates, commit };
}

describe('a group commit', () => {
  it('starts at once, keeps two batches in flight, and batches the items that arrive meanwhile', async () => {
    const { batches, gates, commit } = makeGate();
    const group = new GroupCommit(commit);
    const all = [1, 2, 3, 4, 5].map((item) => group.add(item));
    expect(batches).toEqual([[1], [2]]);
    gates[0]!.resolve(undefined);
    await all[0];
    await expect.poll(() => batches).toEqual([[1], [2], [3, 4, 5]]);
    for (const gate of gates) gate.resolve(undefined);
    await Promise.all(all);
  });

  it('fails a bad item and none of its neighbours', async () => {
    const committed: number[] = [];
    const group = new GroupCommit<number>(async (items) => {
      await Promise.resolve();
      if (items.includes(13)) throw new Error('13 is refused');
      committed.push(...items);
      return undefined;
    });
    const outcomes = await Promise.allSettled([1, 2, 3, 13, 4].map((item) => group.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(committed).toEqual([1, 2, 3, 4]);
  });

  it('refuses the one item that its commit names', async () => {
    const group = new GroupCommit<number>((items) =>
      Promise.resolve(items.map((item) => (item === 2 ? new Error('2 is too many') : undefined))),
    );
    const outcomes = await Promise.allSettled([1, 2, 3, 2].map((item) => group.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
  });

  it('does not retry item by item while the database is down', async () => {
    let asked = 0;
    const group = new GroupCommit<number>(async () => {
      asked += 1;
      await Promise.resolve();
      throw new AppError('unavailable', 'down');
    });
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => group.add(item)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(asked).toBe(3);
  });
});
