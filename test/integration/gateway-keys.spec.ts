import { describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const gateway = await perFile(startGateway());

describe('an API key', () => {
  it('of one tenant sees and writes no other', async () => {
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

  it('that is read-only can read and not write', async () => {
    const key = await gateway.makeKey({ read_only: true });
    expect((await gateway.send('/agent/memories', { key })).status).toBe(200);
    expect(await gateway.send('/agent/memories', { key, body: { content: 'x' } })).toMatchObject({
      status: 403,
      json: { code: 'permission_denied' },
    });
  });

  it('is rejected once it has expired or was revoked', async () => {
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

  it('is rejected while its account is suspended', async () => {
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

describe('a new key for one tenant', () => {
  it.each(['', '*'])(
    'is rejected when the tenant is %j, which names more than one',
    async (tenant_id) => {
      const sent = { body: { tenant_id } };
      expect(
        await gateway.administer(`/admin/accounts/${gateway.accountId}/keys`, sent),
      ).toMatchObject({
        status: 400,
        json: {
          code: 'invalid_request',
          errors: [
            { path: '/tenant_id', message: expect.stringContaining('must name one tenant') },
          ],
        },
      });
    },
  );
});

describe('routes without authentication', () => {
  it('are only those of this list', async () => {
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
      'GET /',
      'GET /health/live',
      'GET /health/ready',
      'GET /openapi.json',
    ]);
  });
});

describe('the admin API', () => {
  it('needs the operator’s token', async () => {
    expect(await gateway.send('/admin/accounts')).toMatchObject({ status: 401 });
    expect((await gateway.administer('/admin/accounts')).status).toBe(200);
  });

  it('lists accounts page by page, newest first', async () => {
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

  it('compares ten wrong tokens of an address in a minute, and then none', async () => {
    const guessed = await startGateway();
    try {
      const ask = (key: string) => guessed.administer('/admin/accounts', { key });
      // An API key, or nothing at all, is no guess.
      for (let sent = 0; sent < 20; sent += 1) {
        expect((await ask(`aurra_${'x'.repeat(43)}`)).status).toBe(401);
        expect((await ask('')).status).toBe(401);
      }
      const guesses = await Promise.all(Array.from({ length: 30 }, (_, at) => ask(`guess-${at}`)));
      expect(guesses.filter(({ status }) => status === 401)).toHaveLength(10);
      const blocked = guesses.filter(({ status }) => status === 429);
      expect(blocked).toHaveLength(20);
      expect(blocked[0]).toMatchObject({
        headers: { 'ratelimit-policy': '"failed-logins";q=10;w=60' },
        json: { code: 'rate_limited', retry_after_ms: expect.any(Number) },
      });
      expect((await ask(guessed.adminToken)).status).toBe(429);
      expect((await guessed.send('/agent/memories')).status).toBe(200);
    } finally {
      await guessed.close();
    }
  });

  it('refuses to start with a short token', async () => {
    await expect(startGateway({ AURRA_ADMIN_TOKEN: 'a' })).rejects.toThrow(
      'must have at least 8 characters',
    );
  });

  it('does not exist without a token', async () => {
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
