import type { BatchResultsView } from '../../apps/gateway/src/memories/batch.schemas.js';

import { getQueueToken } from '@nestjs/bullmq';
import type { Job, Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Received, Sent } from '../support/gateway.js';
import {
  type IdempotencyBench,
  idempotencyBench,
  LLM,
  REPLAYED,
  WRITE,
} from '../support/idempotency.js';

const PATH = '/agent/memories/batch';
const fact = { content: 'Ada sails.' };
let use: IdempotencyBench;

beforeAll(async () => {
  use = await idempotencyBench(PATH);
});

afterAll(() => use.close());

const send = (body: unknown, sent: Sent = {}): Promise<Received> =>
  use.gateway.send(PATH, { ...sent, body });

const jobsOf = ({ json }: Received): (string | undefined)[] =>
  (json as BatchResultsView).results.map((one) =>
    one.status === 'accepted' ? one.job_id : undefined,
  );

const queued = async (jobId: string | undefined): Promise<Job | undefined> =>
  use.gateway.app
    .get<Queue>(getQueueToken('extraction'), { strict: false })
    .getJob(`${jobId}.1`) as Promise<Job | undefined>;

describe('a batch', () => {
  it('makes a job of each item, in either mode and in order', async () => {
    const answer = await send({ writes: [WRITE, { ...fact, tenant_id: 'blue' }] });
    expect(answer).toMatchObject({
      status: 202,
      json: {
        count: 2,
        results: [
          { index: 0, status: 'accepted', job_id: expect.any(String) },
          { index: 1, status: 'accepted', job_id: expect.any(String) },
        ],
      },
    });
    expect(answer.headers['preference-applied']).toBeUndefined();
    for (const jobId of jobsOf(answer)) {
      const job = await use.gateway.send(`/agent/jobs/${jobId}`);
      expect(job.json).toMatchObject({ job_id: jobId, kind: 'write', state: 'queued' });
      expect(await queued(jobId)).toBeDefined();
    }
    const [messages, content] = await use.database.query(
      `select mode, tenant_id, waiting, request ? 'messages' as said from writes where id = any($1) order by mode desc`,
      [jobsOf(answer)],
    );
    expect(messages).toEqual({ mode: 'messages', tenant_id: '', waiting: false, said: true });
    expect(content).toEqual({ mode: 'content', tenant_id: 'blue', waiting: false, said: false });
  });

  it('rejects bad items by index, and accepts the others', async () => {
    const key = await use.gateway.makeKey({ tenant_id: 'blue' });
    const blue = { ...WRITE, tenant_id: 'blue' };
    const answer = await send(
      {
        writes: [
          { ...blue, messages: [{ role: 'nobody', content: 'x' }] },
          { ...blue, llm: { ...LLM, base_url: 'https://10.0.0.1/v1' } },
          { ...blue, tenant_id: 'red' },
          { ...blue, llm: undefined },
          blue,
          { content: 'a\0b', tenant_id: 'blue' },
        ],
      },
      { key },
    );
    expect(answer).toMatchObject({
      status: 202,
      json: {
        count: 6,
        results: [
          {
            index: 0,
            status: 'refused',
            problem: {
              status: 400,
              code: 'invalid_request',
              errors: [{ path: '/writes/0/messages/0/role' }],
            },
          },
          { index: 1, status: 'refused', problem: { code: 'llm_base_url_forbidden' } },
          { index: 2, status: 'refused', problem: { status: 404, code: 'not_found' } },
          { index: 3, status: 'refused', problem: { code: 'bundled_llm_unavailable' } },
          { index: 4, status: 'accepted' },
          { index: 5, status: 'refused', problem: { errors: [{ path: '/writes/5/content' }] } },
        ],
      },
    });
    const problems = (answer.json as BatchResultsView).results.filter((one) => 'problem' in one);
    for (const { problem } of problems)
      expect(problem.request_id).toBe(answer.headers['x-request-id']);
    expect(await use.count('writes')).toBe(3);
  });

  it('succeeds as a batch when every item is rejected', async () => {
    const answer = await send({ writes: [{}, 7] });
    expect(answer).toMatchObject({ status: 202, json: { count: 2 } });
    expect(jobsOf(answer)).toEqual([undefined, undefined]);
  });

  it('uses one model for all items, or the item’s own', async () => {
    const { llm: _none, ...write } = WRITE;
    const own = { ...LLM, model: 'gpt-5', key: 'sk-second-0123456789' };
    const answer = await send({ writes: [write, { ...write, llm: own }], llm: LLM });
    const rows = await use.database.query(
      'select llm_model as model, llm_account as account from writes where id = any($1) order by model desc',
      [jobsOf(answer)],
    );
    expect(rows).toEqual([
      { model: 'gpt-5-mini', account: 'caller' },
      { model: 'gpt-5', account: 'caller' },
    ]);
  });

  it('seals one key in a separate envelope for each job', async () => {
    const answer = await send({ writes: [WRITE, WRITE, WRITE] });
    const jobs = await Promise.all(jobsOf(answer).map(queued));
    const sealed = jobs.map((job) =>
      String((job?.data as { sealed?: string } | undefined)?.sealed),
    );
    expect(new Set(sealed).size).toBe(3);
    expect(new Set(sealed.map((envelope) => envelope.split('.')[2])).size).toBe(1);
    expect(JSON.stringify(jobs)).not.toContain(LLM.key);
  });

  it.each([
    ['no writes', {}],
    ['no item', { writes: [] }],
    ['a thousand and one items', { writes: Array.from({ length: 1_001 }, () => fact) }],
    ['no list', { writes: fact }],
    ['a malformed llm', { writes: [fact], llm: { ...LLM, provider: 'nobody' } }],
    ['a key elsewhere', { writes: [{ content: LLM.key }, WRITE] }],
    ['malformed JSON', '{"writes": ['],
  ])('with %s is rejected as a whole', async (_what, body) => {
    const before = await use.count('writes');
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer)).not.toContain('canary');
    expect(await use.count('writes')).toBe(before);
  });

  it('accepts a thousand items and sixteen megabytes, and no more', async () => {
    const content = 'x'.repeat(16_000);
    const messages = [{ role: 'user', content }];
    const writes = Array.from({ length: 1_000 }, () => ({ messages }));
    const before = await use.count('writes');
    const answer = await send({ writes, llm: LLM });
    expect(answer).toMatchObject({ status: 202, json: { count: 1_000 } });
    expect(new Set(jobsOf(answer)).size).toBe(1_000);
    expect(await use.count('writes')).toBe(before + 1_000);
    const larger = [...writes, { messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }] }];
    expect(await send({ writes: larger, llm: LLM })).toMatchObject({
      status: 413,
      json: { code: 'payload_too_large' },
    });
    const single = { messages: [{ role: 'user', content: 'x'.repeat(2_100_000) }], llm: LLM };
    expect((await use.gateway.send('/agent/memories', { body: single })).status).toBe(413);
  });

  it('reports which preferences were applied', async () => {
    const headers = { prefer: 'wait=10, respond-async' };
    const answer = await send({ writes: [WRITE] }, { headers });
    expect(answer.headers['preference-applied']).toBe('respond-async');
    const other = await send({ writes: [WRITE] }, { headers: { prefer: 'wait=10' } });
    expect(other).toMatchObject({ status: 202 });
    expect(other.headers['preference-applied']).toBeUndefined();
  });

  it('is rejected for read-only keys', async () => {
    const key = await use.gateway.makeKey({ read_only: true });
    expect((await send({ writes: [WRITE] }, { key })).status).toBe(403);
  });
});

describe('a batch under an Idempotency-Key', () => {
  const batch = { writes: [WRITE, {}, fact] };

  it('is made once, and its replay repeats the rejections', async () => {
    const call = use.under();
    const first = await call(batch);
    const before = await use.count('writes');
    const rotated = { ...WRITE, llm: { ...LLM, key: 'sk-rotated-0123456789' } };
    const again = await call({ writes: [rotated, {}, fact] });
    expect(again).toMatchObject({ status: 202, headers: REPLAYED });
    expect(jobsOf(again)).toEqual(jobsOf(first));
    expect(again.json.results[1].problem).toEqual({
      ...first.json.results[1].problem,
      request_id: again.headers['x-request-id'],
    });
    expect(await use.count('writes')).toBe(before);
    expect((await call({ writes: [fact] })).json.code).toBe('idempotency_key_reused');
  });

  it('is a different call from a single write under the same key', async () => {
    const headers = { 'idempotency-key': 'one-for-both-routes' };
    expect((await send({ writes: [fact] }, { headers })).status).toBe(202);
    const single = await use.gateway.send('/agent/memories', { body: fact, headers });
    expect(single.status).toBe(200);
  });

  it('is made once when it is sent fifty times at once', async () => {
    const call = use.under();
    const before = await use.count('writes');
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(batch)));
    expect(await use.count('writes')).toBe(before + 2);
    const made = answers.filter(({ status }) => status === 202);
    expect(made.filter(({ headers }) => !headers['idempotency-replayed'])).toHaveLength(1);
    expect(new Set(made.map((one) => JSON.stringify(jobsOf(one)))).size).toBe(1);
    for (const { status } of answers) expect([202, 409]).toContain(status);
  });

  it.each([
    ['before it made anything', 0],
    ['after its writes were durable', 2],
  ])('continues where a lost gateway stopped: %s', async (_when, left) => {
    const call = use.under();
    const first = await call(batch);
    const before = await use.count('writes');
    const jobs = jobsOf(first);
    const queue = use.gateway.app.get<Queue>(getQueueToken('extraction'), { strict: false });
    for (const id of jobs) if (id !== undefined) await queue.remove(`${id}.1`);
    if (left === 0) await use.database.query('delete from writes where id = any($1)', [jobs]);
    await use.database.query(
      `update idempotency_records set state = 'running', reply = reply - 'answer', created_at = now() - interval '16 seconds'
        where reply->'answer'->'results'->0->>'jobId' = $1`,
      [jobs[0]],
    );
    const again = await call(batch);
    expect(again.status).toBe(202);
    expect(jobsOf(again)).toEqual(jobs);
    expect(await use.count('writes')).toBe(before);
    for (const id of [jobs[0], jobs[2]]) expect(await queued(id)).toBeDefined();
  });
});
