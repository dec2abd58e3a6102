import { randomUUID } from 'node:crypto';

import { DEFAULT_SETTINGS, mintApiKey, type NewKey } from '@app/accounts';
import { PostgresAccountStore } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';

let connected: ConnectedDatabase;
let accounts: PostgresAccountStore;

beforeAll(async () => {
  connected = await connectedDatabase();
  accounts = new PostgresAccountStore(connected.database);
});

afterAll(() => connected.close());

const newKey = (given: Partial<NewKey> = {}): NewKey => {
  const { hash, lastFour } = mintApiKey();
  return { hash, lastFour, name: null, tenantId: null, readOnly: false, expiresAt: null, ...given };
};
const PLAN = { name: 'Acme', planTier: 'free' };
const HOUR_MS = 3_600_000;

describe('the caller of a request', () => {
  it('is found by its API key', async () => {
    const first = newKey();
    const { account, key } = await accounts.add(PLAN, first);
    expect(account).toMatchObject({ ...PLAN, planStatus: 'active' });
    expect(await accounts.findCaller(first.hash)).toEqual({
      planTier: PLAN.planTier,
      exhaustedAt: null,
      settings: DEFAULT_SETTINGS,
      accountId: account.id,
      apiKeyId: key.id,
      planStatus: 'active',
      boundTenantId: null,
      readOnly: false,
    });
    expect(await accounts.findCaller(mintApiKey().hash)).toBeUndefined();
  });

  it('is found by its own key among concurrent calls', async () => {
    const keys = Array.from({ length: 20 }, () => newKey());
    const added = await Promise.all(keys.map((key) => accounts.add(PLAN, key)));
    const revoked = added[7]!.key.id;
    await accounts.revokeKey(revoked);
    const hashes = [...keys, newKey(), ...keys].map(({ hash }) => hash);
    const found = await Promise.all(hashes.map((hash) => accounts.findCaller(hash)));
    const ids = added.map(({ key: { id } }) => (id === revoked ? undefined : id));
    expect(found.map((caller) => caller?.apiKeyId)).toEqual([...ids, undefined, ...ids]);
  });

  it('may be limited to one tenant and to reading', async () => {
    const { account } = await accounts.add(PLAN, newKey());
    const bound = newKey({
      tenantId: 'blue',
      readOnly: true,
      expiresAt: new Date(Date.now() + HOUR_MS),
    });
    await accounts.addKey(account.id, bound);
    expect(await accounts.findCaller(bound.hash)).toMatchObject({
      planStatus: 'active',
      boundTenantId: 'blue',
      readOnly: true,
    });
  });

  it('is not found by a key that is expired or revoked', async () => {
    const first = newKey();
    const { account, key } = await accounts.add(PLAN, first);
    const expired = newKey({ expiresAt: new Date(Date.now() - 1) });
    await accounts.addKey(account.id, expired);
    expect(await accounts.findCaller(expired.hash)).toBeUndefined();
    expect(await accounts.revokeKey(key.id)).toBe(true);
    expect(await accounts.findCaller(first.hash)).toBeUndefined();
    expect(
      (await accounts.listKeys(account.id)).map(({ revokedAt }) => revokedAt !== null),
    ).toEqual([true, false]);
  });
});

describe('an account', () => {
  it('changes only in the given fields', async () => {
    const { account } = await accounts.add(PLAN, newKey());
    expect(await accounts.change(account.id, { planStatus: 'suspended' })).toEqual({
      ...account,
      planStatus: 'suspended',
    });
    expect(await accounts.change(account.id, { name: 'New', planTier: 'pro' })).toMatchObject({
      name: 'New',
      planTier: 'pro',
      planStatus: 'suspended',
    });
    expect(await accounts.find(account.id)).toMatchObject({ name: 'New' });
  });

  it('is listed newest first, page by page', async () => {
    const made = [
      await accounts.add(PLAN, newKey()),
      await accounts.add(PLAN, newKey()),
      await accounts.add(PLAN, newKey()),
    ];
    const [newest, ...rest] = await accounts.list({ limit: 1 });
    expect(rest).toEqual([]);
    expect(made.map(({ account }) => account.id)).toContain(newest?.id);
    const older = await accounts.list({ limit: 100, after: newest });
    expect(older.map(({ id }) => id)).not.toContain(newest?.id);
    expect(new Set([...older, ...(newest ? [newest] : [])].map(({ id }) => id)).size).toBe(
      older.length + 1,
    );
    expect(older.map(({ createdAt }) => createdAt)).toEqual(
      older.map(({ createdAt }) => createdAt).toSorted((a, b) => b.getTime() - a.getTime()),
    );
  });

  it('that does not exist has nothing, whatever the form of its id', async () => {
    for (const id of [randomUUID(), 'nonsense', '']) {
      expect(await accounts.find(id)).toBeUndefined();
      expect(await accounts.change(id, { name: 'x' })).toBeUndefined();
      expect(await accounts.addKey(id, newKey())).toBeUndefined();
      expect(await accounts.listKeys(id)).toEqual([]);
      expect(await accounts.revokeKey(id)).toBe(false);
    }
  });
});

describe('the last use of a key', () => {
  it('is recorded, and by all processes together only once a minute', async () => {
    const { account, key } = await accounts.add(PLAN, newKey());
    const lastUse = async () => (await accounts.listKeys(account.id))[0]?.lastUsedAt;
    expect(await lastUse()).toBeNull();
    await accounts.recordUse(key.id);
    const noted = await lastUse();
    expect(noted).toBeInstanceOf(Date);
    await accounts.recordUse(key.id);
    await new PostgresAccountStore(connected.database).recordUse(key.id);
    expect(await lastUse()).toEqual(noted);
    await connected.database.query(
      `update api_keys set last_used_at = last_used_at - interval '1 hour' where id = $1`,
      [key.id],
    );
    await new PostgresAccountStore(connected.database).recordUse(key.id);
    expect((await lastUse())?.getTime()).toBeGreaterThanOrEqual(noted?.getTime() ?? Infinity);
  });
});
