import type { Failure } from '@app/errors';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  type IdempotencyBench,
  idempotencyBench,
  LATER,
  LLM,
  REPLAYED,
  WRITE,
} from '../support/idempotency.js';

let use: IdempotencyBench;

beforeAll(async () => {
  use = await idempotencyBench();
});

afterEach(() => use.forgetQueued());

afterAll(() => use.close());

const failure = (code: Failure['code']): Failure => ({ code, detail: 'No.' });

describe('a repeated call', () => {
  it('in content mode stores one write, and gets the same answer', async () => {
    const call = use.under();
    const body = { content: 'Ada plays chess.', tenant_id: 'twice', metadata: { a: 1, b: 2 } };
    const first = await call(body);
    expect(first).toMatchObject({ status: 200, json: { status: 'saved' } });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    const before = await use.count('writes');
    const again = await call({
      metadata: { b: 2, a: 1 },
      tenant_id: 'twice',
      content: body.content,
    });
    expect(again).toMatchObject({
      status: 200,
      headers: { ...REPLAYED, location: first.headers['location'] },
      json: first.json,
    });
    expect(await use.count('writes')).toBe(before);
  });

  it('without an Idempotency-Key is a second call', async () => {
    const body = { content: 'Ada plays the lute.' };
    const send = () => use.gateway.send('/agent/memories', { body });
    expect((await send()).json).toMatchObject({ status: 'saved' });
    expect((await send()).json).toMatchObject({ status: 'duplicate' });
  });

  it('in messages mode gets the same result', async () => {
    const call = use.under();
    const answering = call(WRITE);
    await use.work();
    const first = await answering;
    expect(first).toMatchObject({ status: 200, json: { status: 'extracted', saved_count: 1 } });
    const again = await call(WRITE);
    expect(again).toMatchObject({ status: 200, headers: REPLAYED, json: first.json });
    expect(again.headers['location']).toBe(first.headers['location']);
  });

  it('with a different provider key is the same call', async () => {
    const call = use.under();
    const first = await call(WRITE, { headers: LATER });
    const rotated = { ...LLM, key: undefined, api_key: 'sk-rotated-0123456789' };
    const again = await call({ ...WRITE, llm: rotated }, { headers: LATER });
    expect(again).toMatchObject({ status: 202, headers: REPLAYED, json: first.json });
  });

  it('stays a 202 when the first was, although the job has ended and another Prefer is sent', async () => {
    const call = use.under();
    const first = await call(WRITE, { headers: LATER });
    expect(first).toMatchObject({ status: 202, json: { status: 'accepted' } });
    await use.work();
    const again = await call(WRITE);
    expect(again).toMatchObject({
      status: 202,
      headers: { ...REPLAYED, location: first.headers['location'] },
      json: first.json,
    });
    expect(again.headers['preference-applied']).toBeUndefined();
  });

  it('stays a 202 after a wait that ran out', async () => {
    const call = use.under();
    const first = await call(WRITE);
    expect(first.status).toBe(202);
    await use.work();
    expect(await call(WRITE)).toMatchObject({ status: 202, headers: REPLAYED, json: first.json });
  });

  it('with another body is rejected', async () => {
    const call = use.under();
    await call({ content: 'Ada rows.' });
    const other = await call({ content: 'Ada rides.' });
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } });
    expect(other.headers['idempotency-replayed']).toBeUndefined();
    expect(await call({ content: 'Ada rows.' })).toMatchObject({ status: 200, headers: REPLAYED });
  });

  it('of another account is a separate call', async () => {
    const made = await use.gateway.administer('/admin/accounts', { body: { name: 'other' } });
    const call = use.under();
    const body = { content: 'Ada whistles.' };
    const first = await call(body);
    const other = await call(body, { key: made.json.api_key });
    expect(other).toMatchObject({ status: 200, json: { company_id: made.json.account_id } });
    expect(other.headers['idempotency-replayed']).toBeUndefined();
    expect(other.json.memory_id).not.toBe(first.json.memory_id);
  });

  it('with another API key of the account is the same call', async () => {
    const call = use.under();
    const body = { content: 'Ada hums.' };
    const first = await call(body);
    const again = await call(body, { key: await use.gateway.makeKey({ name: 'second' }) });
    expect(again).toMatchObject({ headers: REPLAYED, json: first.json });
  });

  it('is not answered to an API key without access to it', async () => {
    const call = use.under();
    const body = { content: 'Ada hums at night.', tenant_id: 'blue' };
    await call(body);
    const bound = await call(body, { key: await use.gateway.makeKey({ tenant_id: 'red' }) });
    expect(bound.status).toBe(422);
    expect(JSON.stringify(bound.json)).not.toContain('memory_id');
    const readOnly = await call(body, { key: await use.gateway.makeKey({ read_only: true }) });
    expect(readOnly).toMatchObject({ status: 403, json: { code: 'permission_denied' } });
  });

  it('after a day is a new call', async () => {
    const call = use.under();
    const first = await call(WRITE, { headers: LATER });
    await use.database.query(
      `update idempotency_records set created_at = now() - interval '24 hours 1 minute'
        where reply->>'writeId' = $1`,
      [first.json.job_id],
    );
    const second = await call(WRITE, { headers: LATER });
    expect(second.status).toBe(202);
    expect(second.json.job_id).not.toBe(first.json.job_id);
    expect(second.headers['idempotency-replayed']).toBeUndefined();
  });

  it('whose result has been erased says so, and stores nothing', async () => {
    const call = use.under();
    const first = await call({ content: 'Ada is forgotten.' });
    const jobId = String(first.headers['location']).split('/').at(-1);
    await use.database.query('delete from writes where id = $1', [jobId]);
    expect(await call({ content: 'Ada is forgotten.' })).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
    });
  });
});

describe('a rejection', () => {
  it.each([
    ['malformed JSON', '{"content": "Ada'],
    ['a body that is malformed', { content: 7 }],
    ['a malformed llm', { ...WRITE, llm: { ...LLM, model: '' } }],
    [
      'an address that may not be called',
      { ...WRITE, llm: { ...LLM, base_url: 'https://10.0.0.1/v1' } },
    ],
    ['no body at all', {}],
    [
      'a body that is nested too deeply',
      `{"content":"x","metadata":${'{"a":'.repeat(70)}1${'}'.repeat(71)}`,
    ],
    ['a name that Postgres takes for no text', '{"content":"x","a\\u0000":{"b":"\\u0000"}}'],
  ])('with %s is replayed', async (_what, body) => {
    const call = use.under();
    const first = await call(body);
    expect(first.status).toBe(400);
    const again = await call(body);
    expect(again).toMatchObject({ status: 400, headers: REPLAYED });
    expect({ ...again.json, errors: null, request_id: '' }).toEqual({
      ...first.json,
      errors: null,
      request_id: '',
    });
    expect(again.json.request_id).toBe(again.headers['x-request-id']);
    expect(await call({ content: 'Another.' })).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
  });

  it('of the body by the provider is replayed', async () => {
    const call = use.under();
    const answering = call(WRITE);
    await use.work(failure('llm_model_invalid'));
    const first = await answering;
    expect(first).toMatchObject({ status: 422, json: { code: 'llm_model_invalid' } });
    expect(await call(WRITE)).toMatchObject({
      status: 422,
      headers: REPLAYED,
      json: { code: 'llm_model_invalid', detail: first.json.detail },
    });
  });

  it.each<[string, Failure['code'], number]>([
    ['the caller’s key was refused', 'llm_auth_failed', 401],
    ['the provider denied', 'llm_permission_denied', 403],
    ['the provider limits the rate', 'llm_rate_limited', 429],
    ['the model gave nothing of use', 'llm_invalid_output', 502],
    ['the provider cannot be reached', 'llm_unavailable', 503],
  ])('because %s frees its key', async (_what, code, status) => {
    const call = use.under();
    const answering = call(WRITE);
    await use.work(failure(code));
    expect((await answering).status).toBe(status);
    const corrected = call({ ...WRITE, llm: { ...LLM, key: 'sk-corrected-0123456789' } });
    await use.work();
    const answer = await corrected;
    expect(answer).toMatchObject({ status: 200, json: { status: 'extracted' } });
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
  });

  it('that frees its key frees it for another body', async () => {
    const call = use.under();
    const answering = call(WRITE);
    await use.work(failure('llm_auth_failed'));
    expect((await answering).status).toBe(401);
    expect((await call({ content: 'Ada skis.' })).status).toBe(200);
  });

  it.each([
    ['malformed', { ...WRITE, llm: { ...LLM, key: 'sk-canary-ß-0123456789' } }],
    ['missing', { ...WRITE, llm: { ...LLM, key: undefined } }],
    ['in two places', { messages: [{ role: 'user', content: LLM.key }], llm: LLM }],
  ])('of a key that is %s is not replayed: keys are not compared', async (_what, body) => {
    const call = use.under();
    expect((await call(body, { headers: LATER })).status).toBe(400);
    const llm = { ...LLM, key: 'sk-corrected-0123456789' };
    const corrected = await call({ ...body, llm }, { headers: LATER });
    expect(corrected.status).toBe(202);
  });

  it('of a request id that contains the caller’s key is not replayed', async () => {
    const call = use.under();
    const headers = { ...LATER, 'x-request-id': LLM.key };
    expect((await call(WRITE, { headers })).status).toBe(400);
    expect((await call(WRITE, { headers: LATER })).status).toBe(202);
  });

  it('of a tenant outside the API key frees the Idempotency-Key', async () => {
    const call = use.under();
    const key = await use.gateway.makeKey({ tenant_id: 'red' });
    const body = { content: 'Ada dives.', tenant_id: 'blue' };
    expect((await call(body, { key })).status).toBe(404);
    expect((await call({ ...body, tenant_id: 'red' }, { key })).status).toBe(200);
  });

  it('before authentication leaves no record', async () => {
    const before = await use.count('idempotency_records');
    const call = use.under();
    expect((await call({ content: 'x' }, { key: '' })).status).toBe(401);
    expect(
      (await call({ content: 'x' }, { headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(415);
    expect((await call(`"${'x'.repeat(2_100_000)}"`)).status).toBe(413);
    expect(await use.count('idempotency_records')).toBe(before);
  });
});
