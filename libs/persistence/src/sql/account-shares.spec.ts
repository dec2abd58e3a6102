import { describe, expect, it } from 'vitest';

import { AccountShares } from './account-shares.js';

const LIMITS = { connections: 4, maxWaiting: 3, maxWaitMs: 10_000 };

/** Calls that a test ends one by one. */
function calls(shares: AccountShares) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const call = (accountId: string, name: string, signal?: AbortSignal): Promise<string> =>
    shares.within(
      accountId,
      async () => {
        begun.push(name);
        const end = Promise.withResolvers<void>();
        ends.set(name, end.resolve);
        await end.promise;
        return name;
      },
      signal,
    );
  return { begun, call, end: (name: string) => ends.get(name)?.() };
}

/** Until what was woken has begun. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const names = (account: string): string[] =>
  ['1', '2', '3', '4', '5', '6', '7'].map((n) => account + n);

describe('AccountShares', () => {
  it('starts the calls of each account in the order of their arrival', async () => {
    const { begun, call, end } = calls(new AccountShares(LIMITS));
    const all = [call('a', '1'), call('a', '2'), call('a', '3'), call('a', '4'), call('b', '5')];
    expect(begun).toEqual(['1', '2', '5']);
    end('2');
    await all[1];
    await settled();
    expect(begun).toEqual(['1', '2', '5', '3']);
    for (const name of ['1', '3', '5']) end(name);
    await Promise.all([all[0], all[2], all[4]]);
    end('4');
    expect(await all[3]).toBe('4');
  });

  it('refuses a call when maxWaiting calls of its account wait', async () => {
    const { call, end } = calls(new AccountShares(LIMITS));
    const all = ['1', '2', '3', '4', '5'].map((name) => call('a', name));
    await expect(call('a', '6')).rejects.toMatchObject({ code: 'rate_limited' });
    for (const name of ['1', '2', '3', '4', '5']) {
      await settled();
      end(name);
      await all[Number(name) - 1];
    }
    const next = call('a', '7');
    end('7');
    expect(await next).toBe('7');
  });

  it('refuses a call that has waited for maxWaitMs', async () => {
    const { begun, call, end } = calls(new AccountShares({ ...LIMITS, maxWaitMs: 20 }));
    const held = [call('a', '1'), call('a', '2')];
    await expect(call('a', '3')).rejects.toMatchObject({ code: 'rate_limited' });
    end('1');
    await held[0];
    await settled();
    expect(begun).toEqual(['1', '2']);
    end('2');
    await held[1];
  });

  it('skips a waiting call whose signal was aborted', async () => {
    const { begun, call, end } = calls(new AccountShares(LIMITS));
    const left = new AbortController();
    const all = [call('a', '1'), call('a', '2')];
    const gone = call('a', '3', left.signal);
    const next = call('a', '4');
    left.abort();
    await expect(gone).rejects.toMatchObject({ code: 'unavailable' });
    await expect(call('a', '5', left.signal)).rejects.toMatchObject({ code: 'unavailable' });
    end('1');
    await all[0];
    await settled();
    expect(begun).toEqual(['1', '2', '4']);
    end('2');
    end('4');
    await Promise.all([all[1], next]);
  });

  it('leaves connections free for the next account, however many accounts are busy', async () => {
    const { begun, call, end } = calls(
      new AccountShares({ ...LIMITS, connections: 12, maxWaiting: 9 }),
    );
    const all = ['a', 'b'].flatMap((account) => names(account).map((name) => call(account, name)));
    // The first account holds half; the second one half of what is left.
    expect(begun).toEqual([...names('a').slice(0, 6), ...names('b').slice(0, 3)]);
    const third = call('c', 'c1');
    expect(begun.at(-1)).toBe('c1');
    end('c1');
    await third;
    // The first account may take a returned connection again only when it holds fewer than are free.
    end('a1');
    await all[0];
    await settled();
    expect(begun.slice(10)).toEqual(['b4']);
    const left = [...names('a'), ...names('b')];
    while (left.length > 0) {
      for (const name of left.splice(0))
        if (begun.includes(name)) end(name);
        else left.push(name);
      await settled();
    }
    expect(await Promise.all(all)).toHaveLength(14);
  });

  it('lets withinPatiently wait without a time limit', async () => {
    const shares = new AccountShares({ connections: 1, maxWaiting: 0, maxWaitMs: 1 });
    const { call, end } = calls(shares);
    const first = call('a', '1');
    const kept = ['2', '3'].map((name) => shares.withinPatiently('a', () => Promise.resolve(name)));
    await expect(call('a', '4')).rejects.toMatchObject({ code: 'rate_limited' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    end('1');
    expect(await Promise.all([first, ...kept])).toEqual(['1', '2', '3']);
    expect(await shares.within('a', () => Promise.resolve('next'))).toBe('next');
  });

  it('frees the connection of a call that fails', async () => {
    const shares = new AccountShares({ ...LIMITS, connections: 1 });
    await expect(shares.within('a', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await shares.within('a', () => Promise.resolve('next'))).toBe('next');
  });
});
