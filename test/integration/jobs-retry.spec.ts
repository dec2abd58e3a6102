import { extractMemories } from '@app/jobs';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { CALLER_KEY, startByo } from '../support/byo.js';
import { canaryOf, postgresDump, redisDump } from '../support/canaries.js';
import { jobsOn } from '../support/jobs.js';
import { perFile } from '../support/per-file.js';

const ASYNC = { prefer: 'respond-async' };
const OTHER_KEY = 'sk-byo-another-1f9b3c5d7e2a4608-QY';

const byo = await perFile(startByo());
const use = jobsOn(byo);

beforeAll(async () => {
  await byo.call('/agent/memories', { body: { content: 'The caller lives in Lisbon.' } });
});
afterEach(() => {
  byo.providers.reset();
  byo.bundled.reset();
});

const llm = (model = 'gpt-5', key = CALLER_KEY) => ({ llm: byo.llm('openai', model, key) });

/** A write on a caller's model, whose key the provider refuses. */
async function failedWrite(content?: string): Promise<string> {
  const id = await use.write('sim-bad-key', content);
  await use.is(id, 'failed');
  return id;
}

/** A write on the bundled account, whose model answers what is no use. */
async function failedBundled(): Promise<string> {
  byo.bundled.script({ scenario: 'prose', times: 2 });
  const id = await use.later('/agent/memories', { messages: use.messages('I keep bees.') });
  await use.is(id, 'failed');
  byo.bundled.reset();
  return id;
}

describe('retrying a failed write', () => {
  it('with a fresh key answers like the first call', async () => {
    const id = await failedWrite('I moved to Porto.');
    const retried = await use.retry(id, llm());
    expect(retried).toMatchObject({
      status: 200,
      headers: { location: `/agent/jobs/${id}` },
      json: { status: 'extracted', saved_count: 1, extraction: { byo_llm: true } },
    });
    expect((await use.get(id)).json).toMatchObject({
      job_id: id,
      state: 'succeeded',
      attempts: 2,
      error: null,
      result: { memory_ids: retried.json.memory_ids },
    });
    expect(await use.row('writes', id)).toMatchObject({ run: 2, request: null });
    expect(byo.bundled.calls).toEqual([]);
  });

  it('can be asynchronous, or wait for a shorter time', async () => {
    const id = await failedWrite('I moved to Faro.');
    expect(await use.retry(id, llm('sim-bad-key'), ASYNC)).toMatchObject({
      status: 202,
      headers: { location: `/agent/jobs/${id}`, 'preference-applied': 'respond-async' },
      json: { status: 'accepted', job_id: id },
    });
    await use.is(id, 'failed');
    expect(await use.retry(id, llm('sim-hang'), { prefer: 'wait=1' })).toMatchObject({
      status: 202,
      headers: { 'preference-applied': 'wait=1' },
    });
    expect(await use.retry(id, llm())).toMatchObject({ json: { code: 'job_not_retryable' } });
    await byo.gateway.send(`/agent/jobs/${id}`, { method: 'DELETE' });
  });

  it('is possible as often as it fails, waited for or not, because its text is kept', async () => {
    const id = await failedWrite('I moved to Braga.');
    for (const _time of [1, 2]) {
      expect(await use.retry(id, llm('sim-bad-key'))).toMatchObject({
        status: 401,
        json: { code: 'llm_auth_failed' },
      });
      expect((await use.get(id)).json).toMatchObject({
        state: 'failed',
        error: { code: 'llm_auth_failed' },
      });
    }
    // A waiting caller gets the failure at once, although the job can be retried.
    expect((await use.retry(id, llm('sim-server-error'))).json.code).toBe('llm_unavailable');
    expect(await use.retry(id, llm())).toMatchObject({ status: 200, json: { saved_count: 1 } });
  });

  it('gives it a new deadline', async () => {
    const id = await failedWrite('I moved to Évora.');
    await byo.sql(
      `update writes set created_at = now() - interval '6 days', deadline_at = now() - interval '6 days' where id = $1`,
      [id],
    );
    expect((await use.retry(id, llm('sim-rate-limited-requests'), ASYNC)).status).toBe(202);
    await use.calls(2);
    // Past its deadline, the provider's wait would not be waited for.
    await use.is(id, 'queued');
    expect((await byo.gateway.send(`/agent/jobs/${id}`, { method: 'DELETE' })).status).toBe(200);
  });

  it('succeeds for one of many concurrent calls', async () => {
    const id = await failedWrite('I moved to Sintra.');
    const answers = await Promise.all(Array.from({ length: 6 }, () => use.retry(id, llm(), ASYNC)));
    const said = answers.map(({ status, json }) => `${status} ${json.code ?? json.status}`);
    expect(said.toSorted()).toEqual([
      '202 accepted',
      ...Array.from({ length: 5 }, () => '409 job_not_retryable'),
    ]);
    await use.is(id, 'succeeded');
    expect(byo.providers.calls).toHaveLength(2);
  });
});

describe('retrying a write on the caller’s own model', () => {
  it.each([{}, { llm: null }])('is rejected without a model: %j', async (body) => {
    const id = await failedWrite();
    expect(await use.retry(id, body)).toMatchObject({
      status: 400,
      json: { code: 'llm_invalid_request', errors: [{ path: '/llm' }] },
    });
    expect(await use.get(id)).toMatchObject({ json: { state: 'failed', attempts: 1 } });
    expect(byo.bundled.calls).toEqual([]);
  });

  it('is rejected with a key that its text contains', async () => {
    const id = await failedWrite(`My other key is ${OTHER_KEY}, "quoted".`);
    expect(await use.retry(id, llm('gpt-5', OTHER_KEY))).toMatchObject({
      status: 400,
      json: { code: 'llm_invalid_request', errors: [{ path: '/llm/key' }] },
    });
    expect((await use.retry(id, llm('gpt-5', `${CALLER_KEY}2`))).status).toBe(200);
  });

  it('checks the model like a first call', async () => {
    const id = await failedWrite();
    const forbidden = { ...byo.llm('openai', 'gpt-5'), base_url: 'https://10.0.0.1/v1' };
    expect((await use.retry(id, { llm: forbidden })).json.code).toBe('llm_base_url_forbidden');
    expect((await use.retry(id, { llm: { provider: 'nobody' } })).json.code).toBe(
      'llm_invalid_request',
    );
    expect((await use.get(id)).json).toMatchObject({ state: 'failed', attempts: 1 });
  });
});

describe('retrying a write on the bundled account', () => {
  it('uses that account again when the call brings no model', async () => {
    const id = await failedBundled();
    expect(await use.retry(id)).toMatchObject({
      status: 200,
      json: { extraction: { provider: 'anthropic', byo_llm: false } },
    });
    expect(byo.bundled.calls).toHaveLength(1);
    expect(byo.providers.calls).toEqual([]);
  });

  it('moves the write to the caller’s model for good when the call brings one', async () => {
    const id = await failedBundled();
    expect((await use.retry(id, llm('sim-bad-key'))).status).toBe(401);
    expect(await use.row('writes', id)).toMatchObject({
      llm_account: 'caller',
      llm_provider: 'openai',
      llm_base_url_host: `127.0.0.1:${byo.providers.port}`,
    });
    expect((await use.retry(id)).status).toBe(400);
    expect(byo.bundled.calls).toEqual([]);
    expect(await use.retry(id, llm())).toMatchObject({
      status: 200,
      json: { extraction: { provider: 'openai', byo_llm: true } },
    });
  });

  it('needs no body', async () => {
    const id = await failedBundled();
    const path = `/agent/jobs/${id}/retry`;
    const headers = { 'content-type': 'application/json', ...ASYNC };
    expect((await byo.gateway.send(path, { method: 'POST', headers })).status).toBe(202);
    await use.is(id, 'succeeded');
  });
});

describe('retrying a failed question', () => {
  it('answers it', async () => {
    const id = await use.ask('sim-bad-key');
    await use.is(id, 'failed');
    expect((await use.retry(id)).json).toMatchObject({ errors: [{ path: '/llm' }] });
    expect(await use.retry(id, llm())).toMatchObject({
      status: 200,
      headers: { location: `/agent/jobs/${id}` },
      json: { question: 'Where do I live?', grounded: true },
    });
    expect((await use.get(id)).json).toMatchObject({ kind: 'query', state: 'succeeded' });
  });

  it('can be asynchronous, and fail as before', async () => {
    const id = await use.ask('sim-bad-key');
    await use.is(id, 'failed');
    expect((await use.retry(id, llm('sim-bad-key'), ASYNC)).status).toBe(202);
    await use.is(id, 'failed');
    expect((await use.retry(id, llm('sim-bad-key'))).json.code).toBe('llm_auth_failed');
  });
});

describe('after all retries, the callers’ keys', () => {
  it('are nowhere, and neither is a sealed envelope', async () => {
    const { foundIn } = canaryOf(CALLER_KEY);
    expect(foundIn(await postgresDump(byo.gateway.databaseUrl))).toEqual([]);
    expect(foundIn(await redisDump(inject('redisUrl')))).toEqual([]);
    const jobs = await use.queueOf(extractMemories.queue).getJobs();
    const sealed = jobs.filter(({ data }) => 'sealed' in (data as object));
    expect(sealed.map(({ id }) => id)).toEqual([]);
    expect(jobs.length).toBeGreaterThan(3);
  });
});
