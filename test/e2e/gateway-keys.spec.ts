import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type GatewayBench, startGateway } from '../support/gateway.js';

let gateway: GatewayBench;

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(() => gateway.close());

describe('an API key', () => {
  it('that is bound to a tenant sees and writes no other', async () => {
    const other = await gateway.send('/agent/memories', {
      body: { content: 'Not for everybody.' },
    });
    const key = await gateway.makeKey({ tenant_id: 'bound' });
    const body = { content: 'Only here.', tenant_id: 'bound' };
    expect((await gateway.send('/agent/memories', { body, key })).status).toBe(200);
    for (const url of ['', '?tenant_id=*', `/${other.json.memory_id}`]) {
      expect(await gateway.send(`/agent/memories${url}`, { key })).toMatchObject({ status: 404 });
    }
    expect(await gateway.send(String(other.headers['location']), { key })).toMatchObject({
      status: 404,
    });
    expect(await gateway.send('/agent/memories', { body: { content: 'x' }, key })).toMatchObject({
      status: 404,
    });
  });

  it('that is read-only reads, and does not write', async () => {
    const key = await gateway.makeKey({ read_only: true });
    expect((await gateway.send('/agent/memories', { key })).status).toBe(200);
    expect(await gateway.send('/agent/memories', { key, body: { content: 'x' } })).toMatchObject({
      status: 403,
      json: { code: 'permission_denied' },
    });
  });

  it('is not taken once it has expired, or was revoked', async () => {
    const expired = await gateway.makeKey({ expires_at: '2026-01-01T00:00:00Z' });
    expect((await gateway.send('/agent/memories', { key: expired })).status).toBe(401);
    const key = await gateway.makeKey({ name: 'short-lived' });
    const { json } = await gateway.administer(`/admin/accounts/${gateway.accountId}/keys`);
    const keys = json.keys as {
      api_key_id: string;
      name: string;
      last_four: string;
    }[];
    const known = keys.find(({ name }) => name === 'short-lived');
    expect(known?.last_four).toBe(key.slice(-4));
    expect(JSON.stringify(json)).not.toContain(key);
    expect((await gateway.send('/agent/memories', { key })).status).toBe(200);
    await gateway.administer(`/admin/keys/${known?.api_key_id}`, { method: 'DELETE' });
    expect((await gateway.send('/agent/memories', { key })).status).toBe(401);
  });

  it('of an account that is suspended is refused as long as it is', async () => {
    const made = await gateway.administer('/admin/accounts', { body: { name: 'late payer' } });
    const key: string = made.json.api_key;
    const account = `/admin/accounts/${made.json.account_id}`;
    const change = (plan_status: string) =>
      gateway.administer(account, { method: 'PATCH', body: { plan_status } });
    await change('suspended');
    expect(await gateway.send('/agent/memories', { key })).toMatchObject({
      status: 403,
      json: { code: 'account_blocked' },
    });
    await change('active');
    expect((await gateway.send('/agent/memories', { key })).status).toBe(200);
  });
});

describe('a route', () => {
  it('is open to anybody only where it is listed here', async () => {
    const open = [];
    for (const route of gateway.routes.filter((name) =>
      /^(GET|POST|PATCH|PUT|DELETE) /.test(name),
    )) {
      const [method = '', url = ''] = route.split(' ');
      const path = url.replace(/:\w+/g, 'x').replace('*', 'x');
      const { statusCode } = await gateway.app.inject({ method: method as 'GET', url: path });
      if (statusCode !== 401) open.push(route);
    }
    expect(open.toSorted().filter((route) => !route.startsWith('GET /docs'))).toEqual([
      'GET /health/live',
      'GET /health/ready',
      'GET /openapi.json',
    ]);
  });
});

describe('administration', () => {
  it('needs the operator’s token', async () => {
    expect(await gateway.send('/admin/accounts')).toMatchObject({ status: 401 });
    expect((await gateway.administer('/admin/accounts')).status).toBe(200);
  });

  it('pages through accounts, newest first', async () => {
    await gateway.administer('/admin/accounts', { body: { name: 'newest' } });
    const first = await gateway.administer('/admin/accounts?limit=1');
    expect(first.json).toMatchObject({ count: 1, accounts: [{ name: 'newest' }] });
    const cursor = first.json.next_cursor;
    const second = await gateway.administer(`/admin/accounts?limit=1&cursor=${cursor}`);
    expect(second.json).toMatchObject({
      count: 1,
      accounts: [{ name: expect.not.stringMatching('newest') }],
    });
  });

  it('is not there without a token', async () => {
    const bare = await startGateway({ AURRA_ADMIN_TOKEN: undefined });
    try {
      expect(await bare.administer('/admin/accounts')).toMatchObject({
        status: 404,
        json: { code: 'not_found' },
      });
    } finally {
      await bare.close();
    }
  });
});
