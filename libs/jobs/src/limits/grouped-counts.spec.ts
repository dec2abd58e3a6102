import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { GroupedCounts } from './grouped-counts.js';

/** A server that records the keys of each MGET. */
function makeServer(counts: Record<string, string>) {
  const asked: string[][] = [];
  const mget = (keys: string[]): Promise<(string | null)[]> => {
    asked.push([...keys]);
    return Promise.resolve(keys.map((key) => counts[key] ?? null));
  };
  return { asked, counts, grouped: new GroupedCounts({ mget } as never) };
}

describe('grouped counts', () => {
  it('read the counters of concurrent calls with one command', async () => {
    const { asked, grouped } = makeServer({ a: '3', b: '10' });
    const counts = await Promise.all(['a', 'b', 'c', 'a'].map((key) => grouped.get(key)));
    expect(counts).toEqual([3, 10, 0, 3]);
    expect(asked).toEqual([['a', 'b', 'c', 'a']]);
  });

  it('are read again for each call', async () => {
    const { asked, counts, grouped } = makeServer({ a: '9' });
    const first = grouped.get('a');
    await nextTurn();
    counts['a'] = '10';
    const second = grouped.get('a');
    expect([await first, await second]).toEqual([9, 10]);
    expect(asked).toHaveLength(2);
  });

  it('fail for every call of a command that fails, and are tried again', async () => {
    let isDown = true;
    const mget = async (keys: string[]): Promise<null[]> => {
      await Promise.resolve();
      if (isDown) throw new Error('down');
      return keys.map(() => null);
    };
    const grouped = new GroupedCounts({ mget } as never);
    const failed = await Promise.allSettled([grouped.get('a'), grouped.get('b')]);
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
    isDown = false;
    expect(await grouped.get('a')).toBe(0);
  });
});
