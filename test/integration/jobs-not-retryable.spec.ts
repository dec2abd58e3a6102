import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { startByo } from '../support/byo.js';
import { jobsOn } from '../support/jobs.js';
import { perFile } from '../support/per-file.js';

let llm: object;

const byo = await perFile(startByo());
const use = jobsOn(byo);

beforeAll(async () => {
  llm = byo.llm('openai', 'gpt-5');
});

const REFUSED = { status: 409, json: { code: 'job_not_retryable' } };

describe('a job cannot be retried', () => {
  it('when its caller waited and got the failure: its text is gone', async () => {
    const body = {
      messages: use.messages('I sing.'),
      llm: byo.llm('openai', 'sim-bad-key'),
    };
    const failed = await byo.call('/agent/memories', { body });
    expect(failed.status).toBe(401);
    const { json } = await byo.gateway.send('/agent/jobs?limit=1');
    expect(json.jobs[0]).toMatchObject({ state: 'failed', error: { code: 'llm_auth_failed' } });
    const retried = await use.retry(json.jobs[0].job_id, { llm });
    expect(retried).toMatchObject(REFUSED);
    expect(retried.json.detail).toContain('text was erased');
  });

  it('when it has not failed', async () => {
    const good = await use.write('gpt-5');
    await use.is(good, 'succeeded');
    expect(await use.retry(good, { llm })).toMatchObject(REFUSED);
    const hanging = await use.write('sim-hang');
    expect(await use.retry(hanging, { llm })).toMatchObject(REFUSED);
    await use.cancel(hanging);
    const cancelled = await use.retry(hanging, { llm });
    expect(cancelled).toMatchObject(REFUSED);
    expect(cancelled.json.detail).toContain('cancelled');
    const fact = await byo.call('/agent/memories', { body: { content: 'It rains.' } });
    const said = String(fact.headers['location']).split('/').at(-1) ?? '';
    expect(await use.retry(said)).toMatchObject(REFUSED);
  });

  it('by another account, by a key of another tenant, or by a read-only key', async () => {
    const id = await use.write('sim-bad-key');
    await use.is(id, 'failed');
    const { json: other } = await byo.gateway.administer('/admin/accounts', {
      body: { name: 'other' },
    });
    const bound = await byo.gateway.makeKey({ tenant_id: 'blue' });
    const reader = await byo.gateway.makeKey({ read_only: true });
    for (const [key, status] of [
      [other.api_key, 404],
      [bound, 404],
      [reader, 403],
    ] as const) {
      const path = `/agent/jobs/${id}/retry`;
      expect((await byo.gateway.send(path, { body: { llm }, key })).status).toBe(status);
    }
    for (const unknown of [randomUUID(), 'nothing']) {
      expect(await use.retry(unknown, { llm })).toMatchObject({
        status: 404,
        json: { code: 'not_found' },
      });
    }
    expect((await use.get(id)).json).toMatchObject({ state: 'failed', attempts: 1 });
  });
});

const retry = (id: string, body?: object) =>
  byo.gateway.administer(`/admin/jobs/${id}/retry`, { method: 'POST', ...(body && { body }) });

describe('the operator', () => {
  it('can retry a job of any account that used the bundled model', async () => {
    byo.bundled.script({ scenario: 'prose', times: 2 });
    const { json: other } = await byo.gateway.administer('/admin/accounts', {
      body: { name: 'other' },
    });
    const id = await use.later(
      '/agent/memories',
      { messages: use.messages('I keep bees.') },
      other.api_key,
    );
    const state = async () =>
      (await byo.gateway.send(`/agent/jobs/${id}`, { key: other.api_key })).json.state;
    await expect.poll(state).toBe('failed');
    expect(await retry(id, {})).toMatchObject({
      status: 202,
      headers: { location: `/agent/jobs/${id}` },
      json: { status: 'accepted', job_id: id },
    });
    await expect.poll(state).toBe('succeeded');
    const memories = await byo.gateway.send('/agent/memories', { key: other.api_key });
    expect(memories.json.count).toBe(1);
    expect(await retry(id)).toMatchObject(REFUSED);
  });

  it('can retry a question', async () => {
    await byo.call('/agent/memories', { body: { content: 'The caller lives in Lisbon.' } });
    byo.bundled.script({ scenario: 'bad-key' });
    const id = await use.later('/agent/query', { question: 'Where does the caller live?' });
    await use.is(id, 'failed');
    expect((await retry(id.toUpperCase())).json).toEqual({ status: 'accepted', job_id: id });
    await use.is(id, 'succeeded');
  });

  it('cannot retry a job that needs its caller’s key', async () => {
    const id = await use.write('sim-bad-key');
    await use.is(id, 'failed');
    const before = byo.bundled.calls.length;
    const retried = await retry(id);
    expect(retried).toMatchObject(REFUSED);
    expect(retried.json.detail).toContain('Only the caller');
    expect(await retry(id, { llm })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '/llm' }] },
    });
    expect((await use.get(id)).json).toMatchObject({ state: 'failed', attempts: 1 });
    expect(byo.bundled.calls).toHaveLength(before);
  });

  it('needs the admin token and an existing job', async () => {
    const path = `/admin/jobs/${randomUUID()}/retry`;
    expect(await retry(randomUUID())).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect((await byo.gateway.send(path, { method: 'POST' })).status).toBe(401);
  });
});
