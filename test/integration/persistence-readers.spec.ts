import { Database } from '@app/persistence';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freshDatabase } from '../support/databases.js';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  const limits = { readTimeoutMs: 1_000, maxWaiting: 6, maxWaitMs: 30_000 };
  database = await Database.connect({ url: fresh.url, poolSize: 4 }, limits);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

const sleep = (seconds: number, accountId: string, signal?: AbortSignal): Promise<unknown> =>
  database.read(
    accountId,
    (statements) => statements.query('select pg_sleep($1) as slept', [seconds]),
    signal,
  );
const sleepers = async (): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`,
  );
  return row?.count ?? 0;
};

describe('a read', () => {
  it('that takes too long fails with a request to narrow the question', async () => {
    await expect(sleep(60, randomUUID())).rejects.toMatchObject({
      name: 'AppError',
      code: 'unavailable',
      message: expect.stringContaining('shorter question'),
      retryAfterMs: 5_000,
    });
    expect(await sleepers()).toBe(0);
  });

  it('leaves no timeout on its connection for the next statement', async () => {
    const all = [1, 2, 3, 4].map(() =>
      database.query<{ statement_timeout: string }>('show statement_timeout'),
    );
    for (const [row] of await Promise.all(all)) expect(row?.statement_timeout).toBe('0');
  });

  it('that is aborted cancels its statement, and the connection serves the next one', async () => {
    const accountId = randomUUID();
    const slow = await Database.connect({ url: fresh.url, poolSize: 2 }, { readTimeoutMs: 60_000 });
    try {
      const left = new AbortController();
      const reading = slow.read(
        accountId,
        (statements) => statements.query('select pg_sleep(60)'),
        left.signal,
      );
      await expect.poll(sleepers).toBe(1);
      left.abort();
      await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
      expect(await sleepers()).toBe(0);
      for (let call = 0; call < 4; call += 1) {
        const one = slow.read(accountId, (statements) => statements.query('select 1 as one'));
        expect(await one).toEqual([{ one: 1 }]);
      }
      await expect(
        slow.read(accountId, () => Promise.resolve(), AbortSignal.abort()),
      ).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      await slow.close();
    }
  });

  it('that is aborted while the pool is full is ended by its timeout', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const left = new AbortController();
    const reading = [one, one, other, other].map((id) => sleep(60, id, left.signal));
    await new Promise((resolve) => setTimeout(resolve, 100));
    left.abort();
    const ended = await Promise.allSettled(reading);
    expect(ended.map(({ status }) => status)).toEqual(Array.from(reading, () => 'rejected'));
    expect(await sleepers()).toBe(0);
  });

  it('cannot write', async () => {
    await expect(
      database.read(randomUUID(), (statements) => statements.query('delete from accounts')),
    ).rejects.toMatchObject({ sqlState: '25006' });
  });
});

describe('the connections of the pool', () => {
  it('serve one account with at most half of them, while another is served at once', async () => {
    const [greedy, modest] = [randomUUID(), randomUUID()];
    const all = Array.from({ length: 8 }, () => sleep(0.3, greedy));
    const begun = Date.now();
    await sleep(0, modest);
    const waited = Date.now() - begun;
    expect(await sleepers()).toBeLessThanOrEqual(2);
    await Promise.all(all);
    // Eight of a third of a second each, two at a time. The other was not behind them.
    expect(Date.now() - begun).toBeGreaterThan(waited + 600);
  });

  it('are refused to an account with too many concurrent reads', async () => {
    const accountId = randomUUID();
    const all = Array.from({ length: 9 }, () => sleep(0.2, accountId));
    const ended = await Promise.allSettled(all);
    const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ code: 'rate_limited', retryAfterMs: 2_000 });
  });
});
