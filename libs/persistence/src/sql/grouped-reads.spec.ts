import { describe, expect, it } from 'vitest';

import { GroupedReads } from './grouped-reads.js';

/** A read that the test resolves by hand; `batches` are the keys of each statement. */
function makeGate() {
  const batches: (readonly string[])[] = [];
  const gates: PromiseWithResolvers<ReadonlyMap<string, string>>[] = [];
  const reads = new GroupedReads<string>((keys) => {
    batches.push(keys);
    const gate = Promise.withResolvers<ReadonlyMap<string, string>>();
    gates.push(gate);
    return gate.promise;
  });
  return { batches, gates, reads };
}

const rowsOf = (keys: readonly string[]): ReadonlyMap<string, string> =>
  new Map(keys.map((key) => [key, `row of ${key}`]));

describe('grouped reads', () => {
  it('start at once, keep two statements in flight, and read the keys that arrive meanwhile together', async () => {
    const { batches, gates, reads } = makeGate();
    const all = ['a', 'b', 'c', 'd', 'c'].map((key) => reads.get(key));
    expect(batches).toEqual([['a'], ['b']]);
    gates[0]!.resolve(rowsOf(['a']));
    await expect.poll(() => batches).toEqual([['a'], ['b'], ['c', 'd']]);
    gates[1]!.resolve(rowsOf([]));
    gates[2]!.resolve(rowsOf(['c']));
    expect(await Promise.all(all)).toEqual([
      'row of a',
      undefined,
      'row of c',
      undefined,
      'row of c',
    ]);
  });

  it('answer a call with a statement that began after it, even for a key that is being read', async () => {
    const { batches, gates, reads } = makeGate();
    const [before, after] = [reads.get('a'), reads.get('a')];
    expect(batches).toEqual([['a'], ['a']]);
    gates[0]!.resolve(rowsOf(['a']));
    gates[1]!.resolve(rowsOf([]));
    expect([await before, await after]).toEqual(['row of a', undefined]);
  });

  it('keep no answer', async () => {
    const answers = [rowsOf(['a']), rowsOf([])];
    const reads = new GroupedReads<string>(() => Promise.resolve(answers.shift() ?? new Map()));
    expect(await reads.get('a')).toBe('row of a');
    expect(await reads.get('a')).toBeUndefined();
  });

  it('fail together, and the next one is tried', async () => {
    let isDown = true;
    const reads = new GroupedReads<string>(async (keys) => {
      await Promise.resolve();
      if (isDown) throw new Error('down');
      return rowsOf(keys);
    });
    const failed = await Promise.allSettled(['a', 'b', 'c', 'd'].map((key) => reads.get(key)));
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
    isDown = false;
    expect(await reads.get('a')).toBe('row of a');
  });
});
