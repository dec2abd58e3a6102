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

  it('gives each item its own result', async () => {
    const group = new GroupCommit<number, number>((items) =>
      Promise.resolve(items.map((item) => item * 10)),
    );
    expect(await Promise.all([1, 2, 3, 4].map((item) => group.add(item)))).toEqual([
      10, 20, 30, 40,
    ]);
  });

  it('takes the items of different lanes in turn, up to the largest batch', async () => {
    const { batches, gates, commit } = makeGate();
    const group = new GroupCommit(commit, { maxItems: 4, laneOf: (item) => Math.floor(item / 10) });
    for (const item of [1, 2, 11, 12, 13, 14, 21, 31, 32]) void group.add(item);
    gates[0]!.resolve(undefined);
    await expect.poll(() => batches).toEqual([[1], [2], [11, 21, 31, 12]]);
    gates[1]!.resolve(undefined);
    await expect.poll(() => batches.at(-1)).toEqual([32, 13, 14]);
  });

  it('ends a batch before the item that makes it too heavy', async () => {
    const { batches, gates, commit } = makeGate();
    const group = new GroupCommit(commit, { maxWeight: 10, weightOf: (item) => item });
    for (const item of [1, 2, 6, 4, 1, 99, 3]) void group.add(item);
    for (const taken of [1, 2, 3, 4]) {
      gates[taken - 1]!.resolve(undefined);
      await expect.poll(() => batches.length).toBe(taken + 2);
    }
    expect(batches).toEqual([[1], [2], [6, 4], [1], [99], [3]]);
  });

  it('never has the same key twice in a batch', async () => {
    const { batches, gates, commit } = makeGate();
    const group = new GroupCommit(commit, { keyOf: (item) => item % 10 });
    for (const item of [1, 2, 3, 13, 4, 5]) void group.add(item);
    gates[0]!.resolve(undefined);
    await expect.poll(() => batches.at(-1)).toEqual([3]);
    gates[1]!.resolve(undefined);
    await expect.poll(() => batches.at(-1)).toEqual([13, 4, 5]);
  });
});
