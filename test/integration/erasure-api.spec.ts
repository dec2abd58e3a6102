import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { erasureBench } from '../support/erasure-bench.js';
import { perFile } from '../support/per-file.js';

const bench = await perFile(erasureBench());

const erase = (url: string, key?: string) =>
  bench.gateway.send(url, { method: 'DELETE', ...(key !== undefined && { key }) });

async function keep(content: string, tenant?: string): Promise<string> {
  const body = { content, ...(tenant !== undefined && { tenant_id: tenant }) };
  return (await bench.gateway.send('/agent/memories', { body })).json.memory_id;
}

const textsOf = async (tenant: string): Promise<readonly string[]> => {
  const { json } = await bench.gateway.send(`/agent/memories?tenant_id=${tenant}`);
  return json.memories.map(({ decision }: { decision: string }) => decision);
};

const eventsOf = (memoryId: string | null) =>
  bench.database.query<{ event: string; details: Record<string, unknown>; api_key_id: string }>(
    `select event, details, api_key_id from audit_events
      where account_id = $1 and memory_id is not distinct from $2 order by id`,
    [bench.gateway.accountId, memoryId],
  );

describe('DELETE of one memory', () => {
  it.each(['/memories', '/agent/memories'])('erases it under %s, once', async (path) => {
    const id = await keep(`under ${path}`, 'one');
    const { accountId } = bench.gateway;
    expect(await erase(`${path}/${id}`)).toMatchObject({
      status: 200,
      json: { status: 'deleted', company_id: accountId, tenant_id: 'one', deleted_count: 1 },
    });
    expect(await erase(`${path}/${id}`)).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
    });
    expect((await bench.gateway.send(`${path}/${id}`)).status).toBe(404);
    expect(await textsOf('one')).toEqual([]);
  });

  it('keeps the event, without text', async () => {
    const id = await keep('Ana sails.');
    await erase(`/memories/${id}`);
    const events = await eventsOf(id);
    expect(events.map(({ event }) => event)).toEqual(['memory.created', 'memory.erased']);
    expect(events[1]).toMatchObject({
      details: { extent: 'memory' },
      api_key_id: expect.any(String),
    });
    expect(JSON.stringify(events)).not.toContain('sails');
  });

  it('allows the same fact to be stored again', async () => {
    const id = await keep('Ana rows.', 'again');
    await erase(`/memories/${id}`);
    expect(await keep('Ana rows.', 'again')).not.toBe(id);
  });

  it('answers 404 for ids that are unknown, malformed or of another account, and changes nothing', async () => {
    const id = await keep('Not yours.', 'mine');
    const stranger = await bench.gateway.administer('/admin/accounts', { body: { name: 'other' } });
    const bound = await bench.gateway.makeKey({ tenant_id: 'yours' });
    for (const [url, key] of [
      [`/memories/${randomUUID()}`, undefined],
      ['/memories/nonsense', undefined],
      [`/memories/${id}`, stranger.json.api_key],
      [`/memories/${id}`, bound],
    ]) {
      expect(await erase(url, key)).toMatchObject({ status: 404, json: { code: 'not_found' } });
    }
    expect(await textsOf('mine')).toEqual(['Not yours.']);
  });

  it('is rejected for read-only keys, and accepted for keys of its tenant', async () => {
    const id = await keep('Ours.', 'ours');
    const reader = await bench.gateway.makeKey({ read_only: true });
    expect(await erase(`/memories/${id}`, reader)).toMatchObject({
      status: 403,
      json: { code: 'permission_denied' },
    });
    const bound = await bench.gateway.makeKey({ tenant_id: 'ours' });
    expect((await erase(`/memories/${id}`, bound)).status).toBe(200);
  });
});

describe('DELETE of memories', () => {
  it.each([
    ['', 'tenant_id'],
    ['?all=false', 'tenant_id'],
    ['?tenant_id=*', 'tenant_id'],
    ['?tenant_id=a&all=true', 'all'],
    ['?tenant_id=a&tenant_id=b', 'tenant_id'],
    ['?all=yes', 'all'],
    [`?tenant_id=${'a'.repeat(257)}`, 'tenant_id'],
  ])(
    'rejects a request with missing or surplus parameters, %j, and erases nothing',
    async (query, path) => {
      await keep('Safe.', 'a');
      expect(await erase(`/agent/memories${query}`)).toMatchObject({
        status: 400,
        json: { code: 'invalid_request', errors: [{ path: `/${path}` }] },
      });
      expect(await textsOf('a')).toEqual(['Safe.']);
    },
  );

  it('erases one tenant, and the default one under its empty name', async () => {
    await keep('default');
    await keep('named', 'named');
    const { accountId } = bench.gateway;
    const expected = { status: 'deleted', company_id: accountId, tenant_id: null };
    const erased = await erase('/agent/memories?tenant_id=');
    expect(erased).toMatchObject({ status: 200, json: expected });
    expect(erased.json.deleted_count).toBeGreaterThan(0);
    expect(await textsOf('')).toEqual([]);
    expect(await textsOf('named')).toEqual(['named']);
    expect((await erase('/agent/memories?tenant_id=')).json.deleted_count).toBe(0);
  });

  it('erases all tenants only when that is requested', async () => {
    await keep('one', 'first');
    await keep('two', 'second');
    const erased = await erase('/agent/memories?all=true');
    expect(erased).toMatchObject({ status: 200, json: { status: 'deleted', tenant_id: '*' } });
    expect(await textsOf('*')).toEqual([]);
  });

  it('keeps a job with the result, and a receipt in the audit', async () => {
    const id = await keep('receipt', 'receipts');
    const erased = await erase('/agent/memories?tenant_id=receipts');
    const location = String(erased.headers['location']);
    expect(await bench.gateway.send(location)).toMatchObject({
      status: 200,
      json: { kind: 'erasure', state: 'succeeded', attempts: 1, result: erased.json, error: null },
    });
    const erasureId = location.split('/').at(-1);
    expect((await eventsOf(null)).at(-1)).toMatchObject({
      event: 'tenant.erased',
      details: { erasure_id: erasureId, memories: 1, turns: 0 },
    });
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      event: 'memory.erased',
      details: { extent: 'tenant', erasure_id: erasureId },
    });
  });

  it('is rejected for read-only keys, and outside its tenant for a key of one tenant', async () => {
    await keep('bound', 'bound');
    await keep('free', 'free');
    const reader = await bench.gateway.makeKey({ read_only: true });
    expect((await erase('/agent/memories?all=true', reader)).status).toBe(403);
    const bound = await bench.gateway.makeKey({ tenant_id: 'bound' });
    for (const query of ['?all=true', '?tenant_id=free', '?tenant_id='])
      expect((await erase(`/agent/memories${query}`, bound)).status).toBe(404);
    expect(await textsOf('free')).toEqual(['free']);
    const erased = await erase('/agent/memories?tenant_id=bound', bound);
    expect(erased).toMatchObject({ status: 200, json: { deleted_count: 1 } });
    const other = await erase('/agent/memories?tenant_id=free');
    const seen = (job: string | undefined) => bench.gateway.send(String(job), { key: bound });
    expect((await seen(erased.headers['location'])).status).toBe(200);
    expect((await seen(other.headers['location'])).status).toBe(404);
  });

  it('erases nothing of another account', async () => {
    await keep('here', 'shared');
    const other = await bench.gateway.administer('/admin/accounts', { body: { name: 'other' } });
    const erased = await erase('/agent/memories?tenant_id=shared', other.json.api_key);
    expect(erased).toMatchObject({ status: 200, json: { deleted_count: 0 } });
    expect(await textsOf('shared')).toEqual(['here']);
  });
});

describe('DELETE of an account', () => {
  it('leaves other accounts as they are, and answers 404 to unknown or malformed ids', async () => {
    const { json: other } = await bench.gateway.administer('/admin/accounts', {
      body: { name: 'short-lived' },
    });
    await bench.gateway.send('/agent/memories', {
      body: { content: 'Gone soon.' },
      key: other.api_key,
    });
    await keep('Stays.', 'stays');
    const remove = (id: string) =>
      bench.gateway.administer(`/admin/accounts/${id}`, { method: 'DELETE' });
    expect(await remove(other.account_id)).toMatchObject({
      status: 200,
      json: { status: 'deleted', account_id: other.account_id, deleted_count: 1 },
    });
    for (const id of [other.account_id, randomUUID(), 'nonsense'])
      expect((await remove(id)).status).toBe(404);
    expect(await textsOf('stays')).toEqual(['Stays.']);
    const anonymous = await bench.gateway.send(`/admin/accounts/${bench.gateway.accountId}`, {
      method: 'DELETE',
    });
    expect(anonymous.status).toBe(401);
  });
});
