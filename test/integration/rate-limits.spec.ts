import { randomUUID } from 'node:crypto';

import { RateLimits } from '@app/jobs';
import { describe, expect, inject, it } from 'vitest';

import { freezableProxy } from '../support/freezable-proxy.js';
import { type GatewayBench, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { codesOf, planAccount, PLANS } from '../support/plan-accounts.js';

const gateway = await perFile(startGateway({ PLANS }));

const statusesOf = async ({ send }: Pick<GatewayBench, 'send'>, times: number) => {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push((await send('/agent/memories')).status);
  return statuses;
};

describe('the rate limit', () => {
  it('is reported in every answer, and rejects requests beyond the plan’s number in a minute', async () => {
    const { send } = await planAccount(gateway, 'slow');
    const answers = [
      await send('/agent/memories'),
      await send('/agent/memories/nothing'),
      await send('/agent/search', { body: {} }),
    ];
    expect(codesOf(answers)).toEqual([200, 'not_found', 'invalid_request']);
    for (const [index, { headers }] of answers.entries()) {
      expect(headers['ratelimit-policy']).toBe('"requests";q=3;w=60');
      expect(headers['ratelimit']).toMatch(new RegExp(`^"requests";r=${2 - index};t=\\d+$`));
    }
    for (const url of ['/agent/memories', '/plan/status']) {
      const { status, json, headers } = await send(url);
      expect({ status, code: json.code }).toEqual({ status: 429, code: 'rate_limited' });
      const wait = Number(headers['retry-after']);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
      expect(headers['ratelimit-policy']).toBe('"requests";q=3;w=60');
      expect(headers['ratelimit']).toBe(`"requests";r=0;t=${wait}`);
    }
  });

  it('counts each key separately', async () => {
    const { send, anotherKey } = await planAccount(gateway, 'slow');
    for (let time = 0; time < 4; time += 1) await send('/agent/memories');
    expect((await send('/agent/memories')).status).toBe(429);
    expect((await send('/agent/memories', { key: await anotherKey() })).status).toBe(200);
  });

  it('keeps the count of the minute when the plan grows', async () => {
    const { send, patch } = await planAccount(gateway, 'slow');
    for (let time = 0; time < 4; time += 1) await send('/agent/memories');
    await patch({ plan_tier: 'starter' });
    const { status, headers } = await send('/agent/memories');
    expect({ status, left: headers['ratelimit'] }).toEqual({
      status: 200,
      left: expect.stringMatching(/^"requests";r=99[56];/),
    });
  });

  it('neither counts nor reports requests without authentication or with an unlimited plan', async () => {
    const { send } = await planAccount(gateway, 'unlimited');
    for (const { headers } of [
      await send('/agent/memories'),
      await gateway.send('/agent/memories', { key: 'aurra_none' }),
    ])
      expect(headers).not.toHaveProperty('ratelimit');
  });

  it('is shared by two gateways', async () => {
    const { key } = await planAccount(gateway, 'slow');
    const prefix = `shared-${randomUUID()}`;
    const environment = { PLANS, QUEUE_PREFIX: prefix, DATABASE_URL: gateway.databaseUrl };
    const [one, other] = [await startGateway(environment), await startGateway(environment)];
    const statuses: number[] = [];
    for (const at of [one, other, one, other])
      statuses.push((await at.send('/agent/memories', { key })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    await Promise.all([one.close(), other.close()]);
  });

  it('falls back to a limit of each gateway when Redis is down', async () => {
    const bench = await startGateway({ PLANS }, 'slow');
    await bench.app.get(RateLimits, { strict: false }).close();
    expect(await statusesOf(bench, 5)).toEqual([200, 200, 200, 429, 429]);
    await bench.close();
  });

  it('falls back without a long wait when Redis hangs', async () => {
    const redis = await freezableProxy(inject('redisUrl'));
    const bench = await startGateway({ PLANS, QUEUE_URL: redis.url }, 'slow');
    redis.freeze();
    const began = performance.now();
    expect(await statusesOf(bench, 4)).toEqual([200, 200, 200, 429]);
    // Far below what any other command to Redis is given.
    expect(performance.now() - began).toBeLessThan(4_000);
    await redis.close();
    await bench.close();
  });
});
