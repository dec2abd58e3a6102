import { randomUUID } from 'node:crypto';

import { UsageStore } from '@app/accounts';
import { AppError } from '@app/errors';
import { JobProducer } from '@app/jobs';
import { Database } from '@app/persistence';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';
import { codesOf, planAccount, PLANS } from '../support/plan-accounts.js';

const MESSAGES = { messages: [{ role: 'user', content: 'I moved to Lisbon.' }] };
const LATER = { prefer: 'respond-async' };
const FACT = () => ({ content: `Ana knows ${randomUUID()}.` });

const gateway = await perFile(startGateway({ PLANS, BUNDLED_LLM: 'true' }));
afterEach(() => vi.restoreAllMocks());

/** An account of its own for each test. */
async function account(tier?: string) {
  const made = await planAccount(gateway, tier);
  return {
    ...made,
    remember: (body: unknown = FACT(), headers = {}) =>
      made.send('/agent/memories', { body, headers }),
    ask: (headers = {}) => made.send('/agent/query', { body: { question: 'Where?' }, headers }),
  };
}

describe('/plan/status', () => {
  it('reports the limits of the plan and the use of them', async () => {
    const { id, status, remember, ask } = await account();
    await remember();
    await remember(MESSAGES, LATER);
    await ask(LATER);
    const today = new Date();
    const month = (offset: number): string =>
      new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + offset)).toISOString();
    const nothing = { calls: 0, input_tokens: 0, output_tokens: 0 };
    expect(await status()).toEqual({
      org_id: id,
      plan_tier: 'free',
      plan_status: 'active',
      writes_used: 2,
      writes_limit: 3,
      writes_remaining: 1,
      queries_used: 1,
      queries_limit: 2,
      period_start: month(0),
      period_end: month(1),
      in_grace_period: false,
      blocked: false,
      inference: {
        bundled: { ...nothing, charged: true },
        byo: { ...nothing, charged: false },
      },
    });
  });

  it('has null for an unlimited value', async () => {
    const { status, remember } = await account('unlimited');
    await remember();
    expect(await status()).toMatchObject({
      writes_used: 1,
      writes_limit: null,
      writes_remaining: null,
      queries_limit: null,
    });
  });

  it('counts tokens of the caller’s own model apart from charged ones', async () => {
    const { id, status } = await account();
    const usage = gateway.app.get(UsageStore, { strict: false });
    const spent = { accountId: id, calls: 2, inputTokens: 30, outputTokens: 4 };
    await usage.record({ ...spent, owner: 'caller' });
    await usage.record({ ...spent, calls: 1, owner: 'bundled' });
    expect((await status()).inference).toEqual({
      bundled: { calls: 1, input_tokens: 30, output_tokens: 4, charged: true },
      byo: { calls: 2, input_tokens: 30, output_tokens: 4, charged: false },
    });
  });

  it('reports the default tier when the account’s tier no longer exists', async () => {
    const { id, status, remember } = await account('starter');
    await gateway.app
      .get(Database, { strict: false })
      .query(`update accounts set plan_tier = 'bygone' where id = $1`, [id]);
    expect((await remember()).status).toBe(200);
    expect(await status()).toMatchObject({ plan_tier: 'bygone', writes_limit: 3 });
  });
});

describe('a tier that is not configured', () => {
  it.each([
    ['POST', '/admin/accounts', { name: 'b', plan_tier: 'gold' }],
    ['PATCH', `/admin/accounts/${randomUUID()}`, { plan_tier: 'gold' }],
  ] as const)('is rejected by %s %s', async (method, url, body) => {
    const { status, json } = await gateway.administer(url, { method, body });
    expect({ status, errors: json.errors }).toMatchObject({
      status: 400,
      errors: [{ path: '/plan_tier', message: expect.stringContaining('free, starter') }],
    });
  });
});

describe('the quota of writes', () => {
  it('rejects writes when it is used up, and nothing else', async () => {
    const { send, remember, status, ask } = await account();
    const saved = [await remember(), await remember(MESSAGES, LATER), await remember()];
    expect(codesOf(saved)).toEqual([200, 202, 200]);
    for (const answer of [await remember(), await remember(MESSAGES, LATER)]) {
      expect(answer).toMatchObject({ status: 429, json: { code: 'quota_exceeded' } });
      const wait = Number(answer.headers['retry-after']);
      expect(
        Math.abs(Date.now() + wait * 1_000 - Date.parse((await status()).period_end)),
      ).toBeLessThan(5_000);
      expect(answer.headers['ratelimit-policy']).toMatch(
        /^"writes";q=3;w=\d+, "requests";q=1000;w=60$/,
      );
      expect(answer.headers['ratelimit']).toMatch(/^"writes";r=0;t=\d+, "requests";r=\d+;t=\d+$/);
    }
    expect(await status()).toMatchObject({
      writes_used: 3,
      writes_remaining: 0,
      in_grace_period: true,
      blocked: false,
    });
    expect(codesOf([await send('/agent/memories'), await ask(LATER)])).toEqual([200, 202]);
  });

  it('accepts exactly as many concurrent writes as are left', async () => {
    const { remember, status } = await account('starter');
    await remember();
    const kinds = [() => remember(), () => remember(MESSAGES, LATER)];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => kinds[index % 2]!()),
    );
    expect(answers.filter((answer) => answer.status < 300)).toHaveLength(4);
    expect(answers.filter((answer) => answer.json.code === 'quota_exceeded')).toHaveLength(16);
    expect((await status()).writes_used).toBe(5);
  });

  it('does not count writes that the queue rejects', async () => {
    const { remember, status } = await account();
    const producer = gateway.app.get(JobProducer, { strict: false });
    const llm = { provider: 'openai', model: 'gpt-5', key: 'sk-caller-0123456789abcdef' };
    vi.spyOn(producer, 'extract').mockRejectedValue(new AppError('unavailable', 'Down.'));
    for (let time = 0; time < 5; time += 1)
      expect((await remember({ ...MESSAGES, llm }, LATER)).json.code).toBe('unavailable');
    expect((await status()).writes_used).toBe(0);
  });

  it('does not count malformed writes', async () => {
    const { remember, status } = await account();
    expect((await remember({ content: '' })).status).toBe(400);
    expect((await status()).writes_used).toBe(0);
  });
});

describe('the quota of queries', () => {
  it('counts queries of every form, and rejects every form when it is used up', async () => {
    const { ask, send, remember, status } = await account();
    expect(codesOf([await ask(LATER), await ask(LATER)])).toEqual([202, 202]);
    const events = { accept: 'text/event-stream' };
    const refused = [await ask(LATER), await ask(), await ask(events)];
    expect(codesOf(refused)).toEqual(Array(3).fill('quota_exceeded'));
    expect(refused[2]?.headers['ratelimit-policy']).toContain('"queries";q=2;w=');
    expect((await send('/agent/search', { body: { question: 'x' } })).status).toBe(200);
    expect((await remember()).status).toBe(200);
    expect(await status()).toMatchObject({
      queries_used: 2,
      writes_used: 1,
      in_grace_period: true,
    });
  });

  it('does not count queries that fail on our side', async () => {
    const { ask, status } = await account();
    const producer = gateway.app.get(JobProducer, { strict: false });
    vi.spyOn(producer, 'answer').mockRejectedValue(new AppError('unavailable', 'Down.'));
    expect(codesOf([await ask(), await ask(LATER)])).toEqual(['unavailable', 'unavailable']);
    expect((await status()).queries_used).toBe(0);
  });
});

async function exhausted() {
  const one = await account();
  for (let write = 0; write < 4; write += 1) await one.remember();
  return one;
}

describe('an account over its quota', () => {
  it('is blocked after seven days, and every key gets the reason', async () => {
    const { send, exhaustedAgo, remember, ask, anotherKey } = await exhausted();
    await exhaustedAgo('6 days 23 hours');
    expect(codesOf([await remember(), await send('/agent/memories')])).toEqual([
      'quota_exceeded',
      200,
    ]);
    await exhaustedAgo('1 hour');
    const blocked = [
      await remember(),
      await ask(),
      await send('/agent/memories'),
      await send('/agent/settings'),
      await send('/agent/memories', { key: await anotherKey() }),
    ];
    expect(codesOf(blocked)).toEqual(Array(5).fill('account_blocked'));
    expect(blocked.map(({ status }) => status)).toEqual(Array(5).fill(403));
    expect(await send('/plan/status')).toMatchObject({
      status: 200,
      json: { in_grace_period: false, blocked: true, writes_remaining: 0 },
    });
  });

  it('is served again after a change to a larger plan', async () => {
    const { exhaustedAgo, remember, patch, status } = await exhausted();
    await exhaustedAgo('8 days');
    expect((await remember()).json.code).toBe('account_blocked');
    expect((await patch({ plan_tier: 'starter' })).status).toBe(200);
    expect(await status()).toMatchObject({
      plan_tier: 'starter',
      blocked: false,
      in_grace_period: false,
      writes_remaining: 2,
    });
    const answers = [await remember(), await remember(), await remember()];
    expect(codesOf(answers)).toEqual([200, 200, 'quota_exceeded']);
    expect((await status()).in_grace_period).toBe(true);
  });

  it('is served again in the next period', async () => {
    const { id, exhaustedAgo, remember } = await exhausted();
    await exhaustedAgo('8 days');
    const lastMonth = `(period - interval '1 month')::date`;
    const database = gateway.app.get(Database, { strict: false });
    for (const table of ['quota_slots', 'quota_exhaustions'])
      await database.query(`update ${table} set period = ${lastMonth} where account_id = $1`, [id]);
    expect((await remember()).status).toBe(200);
  });

  it('that is also suspended may still read its plan', async () => {
    const { patch, send } = await account();
    await patch({ plan_status: 'suspended' });
    expect(codesOf([await send('/agent/memories'), await send('/plan/status')])).toEqual([
      'account_blocked',
      200,
    ]);
    expect((await send('/plan/status')).json.plan_status).toBe('suspended');
  });
});
