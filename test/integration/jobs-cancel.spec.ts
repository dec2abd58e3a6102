import { answerQuery, extractMemories, jobIdOf, prefixOf } from '@app/jobs';
import { DelayedError, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { type ByoBench, CALLER_KEY, startByo } from '../support/byo.js';
import { canaryOf, postgresDump, redisDump } from '../support/canaries.js';
import { type GatewayBench, startGateway } from '../support/gateway.js';
import { jobsOn } from '../support/jobs.js';

const WRITES = extractMemories.queue;
const QUERIES = answerQuery.queue;

let byo: ByoBench;
let use: ReturnType<typeof jobsOn>;

beforeAll(async () => {
  // A call that hangs does so for longer than any of these tests; one job at a time, so that the next one waits.
  byo = await startByo({ LLM_TIMEOUT_MS: '60000', WORKER_CONCURRENCY: '1' });
  use = jobsOn(byo);
  await byo.call('/agent/memories', { body: { content: 'The caller lives in Lisbon.' } });
});
afterEach(() => byo.providers.reset());
afterAll(() => byo.close());

describe('cancelling a running job', () => {
  it('ends the provider’s call, and leaves neither key nor text', async () => {
    const id = await use.write('sim-hang', 'I collect harpsichords.');
    await use.calls(1);
    const cancelled = await use.cancel(id);
    expect(cancelled).toMatchObject({
      status: 200,
      json: { job_id: id, kind: 'write', state: 'cancelled', result: null, error: null },
    });
    expect(cancelled.json.finished_at).not.toBeNull();
    expect((await use.queued(WRITES, id))?.data ?? {}).not.toHaveProperty('sealed');
    await vi.waitFor(() => expect(byo.providers.calls[0]?.closedEarlyAt).toBeDefined(), {
      timeout: 10_000,
    });
    expect(await use.row('writes', id)).toMatchObject({ request: null, next_check_at: null });
    expect((await use.get(id)).json).toEqual(cancelled.json);
    expect(JSON.stringify(await byo.sql('select * from writes'))).not.toContain('harpsichords');
  });

  it('works in the same way for a question', async () => {
    const id = await use.ask('sim-hang', 'Do I live with harpsichords?');
    await use.calls(1);
    expect(await use.cancel(id)).toMatchObject({ status: 200, json: { state: 'cancelled' } });
    await vi.waitFor(() => expect(byo.providers.calls[0]?.closedEarlyAt).toBeDefined(), {
      timeout: 10_000,
    });
    expect((await use.queued(QUERIES, id))?.data ?? {}).not.toHaveProperty('sealed');
    expect(JSON.stringify(await use.row('queries', id))).not.toContain('harpsichords');
  });
});

describe('cancelling a queued job', () => {
  it('keeps it from running, and removes it and its key from the queue', async () => {
    const first = await use.write('sim-hang');
    await use.calls(1);
    const second = await use.write('gpt-5');
    expect((await use.queued(WRITES, second))?.data).toHaveProperty('sealed');
    expect(await use.cancel(second)).toMatchObject({ status: 200, json: { attempts: 0 } });
    expect(await use.queued(WRITES, second)).toBeUndefined();
    await use.cancel(first);
    // The worker is free again: what comes next is not the one that was cancelled.
    await use.is(await use.write('gpt-5'), 'succeeded');
    expect(byo.providers.calls).toHaveLength(2);
    expect((await use.get(second)).json.state).toBe('cancelled');
  });

  it('removes it as well while it is delayed by its provider', async () => {
    const id = await use.write('sim-rate-limited-requests');
    await vi.waitFor(async () =>
      expect(await use.queueOf(WRITES).getJobState(jobIdOf(id, 1))).toBe('delayed'),
    );
    await use.cancel(id);
    expect(await use.queued(WRITES, id)).toBeUndefined();
  });
});

const newest = async (): Promise<{ job_id: string; state: string }> =>
  (await byo.gateway.send('/agent/jobs?limit=1')).json.jobs[0];

const waiting = async (model: string) => {
  const { job_id: before } = await newest();
  const answer = byo.call('/agent/memories', {
    body: { messages: use.messages('I sing.'), llm: byo.llm('openai', model) },
  });
  return vi.waitFor(async () => {
    const { job_id: id, state } = await newest();
    expect(id).not.toBe(before);
    expect(state).toMatch(/queued|running/);
    return { answer, id };
  });
};

describe('a caller that waits for a job which another call cancels', () => {
  it('gets its answer at once, whether the job runs or not', async () => {
    const running = await waiting('sim-hang');
    await use.calls(1);
    const queued = await waiting('gpt-5');
    for (const { id, answer } of [queued, running]) {
      const before = Date.now();
      await use.cancel(id);
      expect(await answer).toMatchObject({
        status: 409,
        json: { code: 'job_not_retryable', detail: expect.stringContaining('cancelled') },
      });
      // The wait of this gateway is thirty seconds.
      expect(Date.now() - before).toBeLessThan(10_000);
    }
    expect(byo.providers.calls).toHaveLength(1);
  });

  it('gets its answer at once under a Prefer wait and for a question, too', async () => {
    const body = { question: 'Where do I live?', llm: byo.llm('openai', 'sim-hang') };
    const answer = byo.call('/agent/query', { body, headers: { prefer: 'wait=20' } });
    await use.calls(1);
    const { json } = await byo.gateway.send('/agent/jobs?limit=1&kind=query');
    await use.cancel(json.jobs[0].job_id);
    expect(await answer).toMatchObject({ status: 409, json: { code: 'job_not_retryable' } });
  });
});

describe('a job cannot be cancelled', () => {
  it('once it has ended in any way', async () => {
    const good = await use.write('gpt-5', 'I work at Globex.');
    const bad = await use.write('sim-bad-key');
    await use.is(good, 'succeeded');
    await use.is(bad, 'failed');
    const hanging = await use.write('sim-hang');
    await use.cancel(hanging);
    const fact = await byo.call('/agent/memories', { body: { content: 'It rains.' } });
    const said = String(fact.headers['location']).split('/').at(-1) ?? '';
    for (const id of [good, bad, hanging, said]) {
      expect(await use.cancel(id)).toMatchObject({
        status: 409,
        json: { code: 'job_not_cancellable', retryable: false },
      });
    }
    expect((await use.get(good)).json).toMatchObject({ state: 'succeeded' });
    expect((await use.get(bad)).json).toMatchObject({ state: 'failed' });
  });

  it('by another account, by a key of another tenant, or by a read-only key', async () => {
    const id = await use.write('sim-hang');
    const { json: other } = await byo.gateway.administer('/admin/accounts', {
      body: { name: 'other' },
    });
    const bound = await byo.gateway.makeKey({ tenant_id: 'blue' });
    const reader = await byo.gateway.makeKey({ read_only: true });
    const path = `/agent/jobs/${id}`;
    for (const [key, status] of [
      [other.api_key, 404],
      [bound, 404],
      [reader, 403],
    ] as const) {
      expect((await byo.gateway.send(path, { method: 'DELETE', key })).status).toBe(status);
    }
    for (const unknown of [crypto.randomUUID(), 'nothing']) {
      expect(await use.cancel(unknown)).toMatchObject({
        status: 404,
        json: { code: 'not_found' },
      });
    }
    expect((await use.get(id)).json.state).toMatch(/queued|running/);
    await use.cancel(id);
  });
});

describe('after all cancellations, the caller’s key', () => {
  it('is nowhere, and neither is a sealed envelope', async () => {
    const { foundIn } = canaryOf(CALLER_KEY);
    expect(foundIn(await postgresDump(byo.gateway.databaseUrl))).toEqual([]);
    expect(foundIn(await redisDump(inject('redisUrl')))).toEqual([]);
    for (const name of [WRITES, QUERIES]) {
      const jobs = await use.queueOf(name).getJobs();
      const sealed = jobs.filter(({ data }) => 'sealed' in (data as object));
      expect(sealed.map(({ id }) => id)).toEqual([]);
    }
  });
});

describe('a worker that missed the message of a cancellation', () => {
  let gateway: GatewayBench;
  const prefix = 'jobs-cancel-deaf';

  beforeAll(async () => {
    gateway = await startGateway({ QUEUE_PREFIX: prefix });
  });
  afterAll(() => gateway.close());

  it('loses its job when it hands the job back', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const deaf = new Worker(
      WRITES,
      async (job, token) => {
        begin();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await job.moveToDelayed(Date.now() + 60_000, token);
        throw new DelayedError();
      },
      {
        connection: { url: inject('redisUrl'), maxRetriesPerRequest: null },
        prefix: prefixOf(WRITES, { prefix }),
      },
    );
    const llm = {
      provider: 'openai',
      model: 'gpt-5',
      key: CALLER_KEY,
      base_url: 'https://api.example.com/v1',
    };
    const { json } = await gateway.send('/agent/memories', {
      body: { messages: [{ role: 'user', content: 'I sing.' }], llm },
      headers: { prefer: 'respond-async' },
    });
    await begun;
    const path = `/agent/jobs/${json.job_id}`;
    expect(await gateway.send(path, { method: 'DELETE' })).toMatchObject({
      status: 200,
      json: { state: 'cancelled' },
    });
    const queue = jobsOn({ gateway } as ByoBench).queueOf(WRITES);
    expect(await queue.getJob(jobIdOf(json.job_id, 1))).toBeUndefined();
    await deaf.close();
  });
});
