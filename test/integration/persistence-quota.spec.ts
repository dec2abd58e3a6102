import { randomUUID } from 'node:crypto';

import { mintApiKey, type QuotaKind } from '@app/accounts';
import type { Asker } from '@app/memory';
import { aContentWrite, aNewWrite } from '@app/memory/testing';
import {
  Database,
  PostgresQuotaStore,
  PostgresUsageStore,
  PostgresAccountStore,
} from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { SingleWrites } from '../support/single-jobs.js';

let connected: ConnectedDatabase;
let second: Database;
/** Of two gateways, each with a pool of its own. */
let stores: readonly { readonly writes: SingleWrites; readonly quota: PostgresQuotaStore }[];
let usage: PostgresUsageStore;

beforeAll(async () => {
  connected = await connectedDatabase();
  second = await Database.connect({ url: connected.url, poolSize: 8 });
  stores = [connected.database, second].map((database) => ({
    writes: new SingleWrites(database),
    quota: new PostgresQuotaStore(database),
  }));
  usage = new PostgresUsageStore(connected.database);
});

afterAll(async () => {
  await second.close();
  await connected.close();
});

const storesAt = (index: number) => stores[index % 2]!;
const asker = (): Asker => ({ accountId: randomUUID(), apiKeyId: randomUUID() });
const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));
const writesOf = (who: Asker, count: number, limit: number | null) =>
  times(count, () => aNewWrite({ asker: who, writesPerMonth: limit }));
const contentOf = (who: Asker, limit: number | null, content: string = randomUUID()) => ({
  id: randomUUID(),
  asker: who,
  writesPerMonth: limit,
  request: aContentWrite({ content }),
  requestId: 'r',
});
const used = async (who: Asker) => (await usage.inThisPeriod(who.accountId)).writes;
const rowsOf = async ({ accountId }: Asker): Promise<number> => {
  const [row] = await connected.database.query<{ count: number }>(
    'select count(*)::int as count from writes where account_id = $1 and quota_slot is not null',
    [accountId],
  );
  return row?.count ?? 0;
};
const exhaustions = ({ accountId }: Asker) =>
  connected.database.query('select 1 from quota_exhaustions where account_id = $1', [accountId]);

/** How many of these came through; each of the others has to be a refusal of the quota. */
async function passed(outcomes: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(outcomes);
  const refused = settled.flatMap((one) =>
    one.status === 'rejected' ? [(one.reason as { code?: string }).code ?? one.reason] : [],
  );
  expect(refused).toEqual(refused.map(() => 'quota_exceeded'));
  return settled.length - refused.length;
}

describe('with ten left in a quota', () => {
  it.each([10, 37, 160])(
    'exactly ten of many concurrent writes are accepted (limit %i)',
    async (limit) => {
      const who = asker();
      await storesAt(0).writes.accept(writesOf(who, limit - 10, limit));
      const many = times(60, async (index) => {
        const [refusal] = await storesAt(index).writes.accept(writesOf(who, 1, limit));
        if (refusal) throw refusal;
      });
      expect(await passed(many)).toBe(10);
      expect(await used(who)).toBe(limit);
      expect(await rowsOf(who)).toBe(limit);
      expect(await exhaustions(who)).toHaveLength(1);
    },
  );

  it('exactly ten of many concurrent facts are stored', async () => {
    const who = asker();
    await storesAt(0).writes.accept(writesOf(who, 23, 33));
    const many = times(40, (index) => storesAt(index).writes.remember(contentOf(who, 33)));
    expect(await passed(many)).toBe(10);
    expect([await used(who), await rowsOf(who)]).toEqual([33, 33]);
    const memories = await connected.database.query(
      'select 1 from memories where account_id = $1',
      [who.accountId],
    );
    expect(memories).toHaveLength(10);
  });

  it('exactly ten of many concurrent queries are counted', async () => {
    const { accountId } = asker();
    const call = { accountId, kind: 'query', limit: 10 } as const;
    expect(await passed(times(50, (index) => storesAt(index).quota.count(call)))).toBe(10);
    expect(await usage.inThisPeriod(accountId)).toMatchObject({ queries: 10, writes: 0 });
  });

  it('exactly as many concurrent small batches are accepted as fit', async () => {
    const [who, beside] = [asker(), asker()];
    const batches = times(60, (index) =>
      storesAt(index).writes.accept([...writesOf(who, 3, 160), ...writesOf(beside, 1, null)]),
    );
    const refused = (await Promise.all(batches)).flat().filter((refusal) => refusal);
    expect(refused).toHaveLength(180 - 160);
    expect([await used(who), await rowsOf(who)]).toEqual([160, 160]);
    expect([await used(beside), await rowsOf(beside)]).toEqual([60, 60]);
  });

  it('exactly ten concurrent writes of all kinds are accepted, batches of several accounts among them', async () => {
    const [one, other] = [asker(), asker()];
    const batches = times(12, (index) =>
      storesAt(index).writes.accept(
        times(6, (place) =>
          aNewWrite({ asker: (place + index) % 2 ? one : other, writesPerMonth: 10 }),
        ),
      ),
    );
    const facts = times(12, (index) => storesAt(index).writes.remember(contentOf(one, 10)));
    const [refused, kept] = await Promise.all([Promise.all(batches), passed(facts)]);
    expect(refused.flat().filter((refusal) => !refusal)).toHaveLength(20 - kept);
    expect(await Promise.all([one, other].map(used))).toEqual([10, 10]);
    expect(await Promise.all([one, other].map(rowsOf))).toEqual([10, 10]);
  });
});

describe('a batch', () => {
  it('is cut at the limit, and says which items were rejected', async () => {
    const [who, beside] = [asker(), asker()];
    const first = writesOf(who, 7, 5);
    const last = writesOf(beside, 2, null);
    const refusals = await storesAt(0).writes.accept([...first, ...last]);
    expect(refusals.map((refusal) => refusal?.code)).toEqual([
      ...times(5, () => undefined),
      'quota_exceeded',
      'quota_exceeded',
      undefined,
      undefined,
    ]);
    expect(refusals[5]?.limit).toMatchObject({ name: 'writes', quota: 5 });
    for (const [index, { id }] of first.entries()) {
      const claim = await storesAt(0).writes.claim(id, 1);
      expect({ index, claimed: claim !== undefined }).toEqual({ index, claimed: index < 5 });
    }
    expect([await used(who), await used(beside)]).toEqual([5, 2]);
  });

  it('larger than any slot is counted completely', async () => {
    const who = asker();
    expect(await storesAt(0).writes.accept(writesOf(who, 100, 160))).toEqual(
      times(100, () => undefined),
    );
    expect([await used(who), await rowsOf(who)]).toEqual([100, 100]);
    expect(await exhaustions(who)).toEqual([]);
  });

  it('has no write when the plan has none', async () => {
    const who = asker();
    const [one, two] = await storesAt(0).writes.accept(writesOf(who, 2, 0));
    expect([one?.code, two?.code]).toEqual(['quota_exceeded', 'quota_exceeded']);
    const [alone] = await storesAt(0).writes.accept(writesOf(who, 1, 0));
    expect(alone?.code).toBe('quota_exceeded');
    await expect(storesAt(0).writes.remember(contentOf(who, 0))).rejects.toMatchObject({
      code: 'quota_exceeded',
    });
    expect([await used(who), await rowsOf(who)]).toEqual([0, 0]);
  });
});

describe('the count of a quota', () => {
  it('includes a duplicate fact', async () => {
    const who = asker();
    await storesAt(0).writes.remember(contentOf(who, 3, 'Ana has a cat.'));
    expect(await storesAt(0).writes.remember(contentOf(who, 3, 'ana has a CAT.'))).toMatchObject({
      status: 'duplicate',
    });
    expect(await used(who)).toBe(2);
  });

  it('counts each of many equal facts that arrive at once, once', async () => {
    const who = asker();
    const fact = (index: number) => storesAt(index).writes.remember(contentOf(who, null, 'A dog.'));
    const outcomes = await Promise.all(times(20, async (index) => (await fact(index)).status));
    const saved = outcomes.filter((status) => status === 'saved').length;
    expect([saved, await used(who), await rowsOf(who)]).toEqual([1, 20, 20]);
  });

  it('is reduced by a write that never reached the queue, once', async () => {
    const who = asker();
    const [write] = writesOf(who, 1, 1);
    const { writes } = storesAt(0);
    await writes.accept([write!]);
    const failure = { code: 'unavailable', detail: 'The queue is down.' } as const;
    await writes.withdraw(write!.id, failure);
    await writes.withdraw(write!.id, failure);
    expect(await used(who)).toBe(0);
    expect(await writes.accept(writesOf(who, 1, 1))).toEqual([undefined]);
    expect((await writes.accept(writesOf(who, 1, 1)))[0]?.code).toBe('quota_exceeded');
  });

  it('keeps a write that a worker has claimed', async () => {
    const who = asker();
    const [write] = writesOf(who, 1, 5);
    await storesAt(0).writes.accept([write!]);
    await storesAt(0).writes.claim(write!.id, 1);
    await storesAt(0).writes.withdraw(write!.id, { code: 'unavailable', detail: 'x' });
    expect(await used(who)).toBe(1);
  });

  it('is reduced by a query in the slot that counted it', async () => {
    const { accountId } = asker();
    const { quota } = storesAt(0);
    const call = { accountId, kind: 'query', limit: 2 } as const;
    const counted = await quota.count(call);
    await quota.count(call);
    await quota.giveBack(call, counted);
    await quota.count(call);
    await expect(quota.count(call)).rejects.toMatchObject({ code: 'quota_exceeded' });
  });

  it('ignores last month', async () => {
    const { accountId } = asker();
    await connected.database.query(
      `insert into quota_slots (account_id, period, kind, slot, used)
       select $1, (date_trunc('month', now() at time zone 'utc') - interval '1 month')::date, 'query', s, 100
         from generate_series(0, 15) as s`,
      [accountId],
    );
    await storesAt(0).quota.count({ accountId, kind: 'query', limit: 1 });
    expect((await usage.inThisPeriod(accountId)).queries).toBe(1);
  });
});

const newAccount = async () => {
  const { hash, lastFour } = mintApiKey();
  const accounts = new PostgresAccountStore(connected.database);
  const key = { hash, lastFour, name: null, tenantId: null, readOnly: false, expiresAt: null };
  const { account } = await accounts.add({ name: 'A', planTier: 'pro' }, key);
  return { accounts, accountId: account.id };
};
const slotsOf = (accountId: string, kind: QuotaKind) =>
  connected.database.query<{ slot: number; used: number }>(
    'select slot, used from quota_slots where account_id = $1 and kind = $2 order by slot',
    [accountId, kind],
  );

describe('a change of the plan tier', () => {
  it('to a smaller limit is exact at once, however uneven the slots were', async () => {
    const { accounts, accountId } = await newAccount();
    const who = { accountId, apiKeyId: randomUUID() };
    // All in one slot.
    await storesAt(0).writes.accept(writesOf(who, 50, null));
    await accounts.change(accountId, { planTier: 'free' });
    expect((await slotsOf(accountId, 'write')).map((slot) => slot.used)).toEqual(
      times(16, (slot) => (slot < 2 ? 4 : 3)),
    );
    const single = times(40, async (index) => {
      const [refusal] = await storesAt(index).writes.accept(writesOf(who, 1, 60));
      if (refusal) throw refusal;
    });
    expect(await passed(single)).toBe(10);
    expect((await storesAt(0).writes.accept(writesOf(who, 1, 20)))[0]?.code).toBe('quota_exceeded');
    expect(await used(who)).toBe(60);
  });

  it('ends the grace period and the block; a new name alone does not', async () => {
    const { accounts, accountId } = await newAccount();
    const who = { accountId, apiKeyId: randomUUID() };
    await storesAt(0).writes.accept(writesOf(who, 1, 0));
    await accounts.change(accountId, { name: 'B', planStatus: 'active' });
    expect(await exhaustions(who)).toHaveLength(1);
    await accounts.change(accountId, { planTier: 'pro' });
    expect(await exhaustions(who)).toEqual([]);
  });
});

describe('the cost of model calls', () => {
  it('is summed for each payer, whatever the number of concurrent records', async () => {
    const { accountId } = asker();
    const spent = { accountId, calls: 2, inputTokens: 3_000_000_000, outputTokens: 7 };
    await Promise.all(times(40, () => usage.record({ ...spent, owner: 'caller' })));
    await usage.record({ ...spent, owner: 'bundled' });
    await usage.record({ ...spent, calls: 0, owner: 'bundled' });
    expect((await usage.inThisPeriod(accountId)).spending).toEqual({
      caller: { calls: 80, inputTokens: 120_000_000_000, outputTokens: 280 },
      bundled: { calls: 2, inputTokens: 3_000_000_000, outputTokens: 7 },
    });
    expect((await usage.inThisPeriod(randomUUID())).spending.caller.calls).toBe(0);
  });
});
