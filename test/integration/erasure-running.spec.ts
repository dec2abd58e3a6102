import { answerQuery, extractMemories, jobIdOf } from '@app/jobs';
import { aFact, anAnswer, extracted } from '@app/memory/testing';
import { PostgresErasureStore, PostgresMemoryStore } from '@app/persistence';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ErasureBench, erasureBench } from '../support/erasure-bench.js';

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
const MESSAGES = [{ role: 'user', content: 'I live in London.' }];

let bench: ErasureBench;

beforeAll(async () => {
  bench = await erasureBench();
});

afterAll(() => bench.close());

const erase = (url: string) => bench.gateway.send(url, { method: 'DELETE' });
const eraseTenant = (tenant: string) => erase(`/agent/memories?tenant_id=${tenant}`);
const queue = (name: string): Queue =>
  bench.gateway.app.get<Queue>(getQueueToken(name), { strict: false });

const memoriesOf = (tenant: string) =>
  bench.database.query<{ id: string }>(
    'select id from memories where account_id = $1 and tenant_id = $2',
    [bench.gateway.accountId, tenant],
  );

const jobOf = async (id: string) => (await bench.gateway.send(`/agent/jobs/${id}`)).json;

describe('the erasure of a tenant', () => {
  it('ends a queued write before it runs, and takes its sealed key out of the queue', async () => {
    const id = await bench.write({ messages: MESSAGES, tenant_id: 'queued', llm: LLM });
    const jobId = jobIdOf(id, 1);
    expect((await queue(extractMemories.queue).getJob(jobId))?.data).toHaveProperty('sealed');
    await eraseTenant('queued');
    expect(await queue(extractMemories.queue).getJob(jobId)).toBeUndefined();
    expect(await jobOf(id)).toMatchObject({ state: 'cancelled', result: null, error: null });
    expect(await bench.writes.claim(id, 1)).toBeUndefined();
  });

  it('keeps a running write from storing, failing or going back to the queue', async () => {
    const claim = await bench.claim(
      await bench.write({ messages: MESSAGES, tenant_id: 'running' }),
    );
    await eraseTenant('running');
    expect(await bench.writes.complete(claim, extracted([aFact()]))).toBe(false);
    expect(await bench.writes.fail(claim, { code: 'internal', detail: 'x' })).toBe(false);
    expect(await bench.writes.handBack(claim)).toBe(false);
    expect(await memoriesOf('running')).toEqual([]);
    expect(await jobOf(claim.id)).toMatchObject({ state: 'cancelled' });
  });

  it('keeps a running query from storing its answer', async () => {
    const asked = await bench.gateway.send('/agent/query', {
      body: { question: 'Where?', tenant_id: 'asked', llm: LLM },
      headers: { prefer: 'respond-async' },
    });
    const { job_id: id } = asked.json;
    const claim = await bench.queries.claim(id, 1);
    await eraseTenant('asked');
    expect(await queue(answerQuery.queue).getJob(jobIdOf(id, 1))).toBeUndefined();
    expect(await bench.queries.complete(claim!, anAnswer({ hits: [] }))).toBe(false);
    expect(await jobOf(id)).toMatchObject({ state: 'cancelled', result: null });
  });

  it('does not affect a write of another tenant', async () => {
    const claim = await bench.claim(await bench.write({ messages: MESSAGES, tenant_id: 'spared' }));
    await eraseTenant('other');
    expect(await bench.writes.complete(claim, extracted([aFact()]))).toBe(true);
  });

  it('erases what a write accepted before it stores later, and keeps what later writes store', async () => {
    const store = new PostgresErasureStore(bench.database);
    const { accountId } = bench.gateway;
    const before = await bench.claim(await bench.write({ messages: MESSAGES, tenant_id: 'late' }));
    const { erasure } = await store.begin({
      id: randomUUID(),
      asker: { accountId, apiKeyId: randomUUID() },
      tenantId: 'late',
      requestId: 'r',
    });
    const after = await bench.claim(await bench.write({ messages: MESSAGES, tenant_id: 'late' }));
    await bench.writes.complete(before, extracted([aFact({ text: 'old' })]));
    await bench.writes.complete(after, extracted([aFact({ text: 'new' })]));
    expect(await store.cancelCoveredJobs(erasure, 10)).toEqual([]);
    expect(await store.eraseMemories(erasure, 10)).toBe(1);
    expect(await store.eraseMemories(erasure, 10)).toBe(0);
    const left = await memoriesOf('late');
    const scope = { accountId, tenantId: 'late' };
    const { memories } = await new PostgresMemoryStore(bench.database).findMany(
      scope,
      left.map(({ id }) => id),
      {},
    );
    const [kept] = memories;
    expect(left).toHaveLength(1);
    expect(kept?.memory.text).toBe('new');
  });
});

const restingOn = (...memoryIds: readonly string[]) =>
  anAnswer({ hits: memoryIds.map((memoryId) => ({ memoryId, similarity: 1, cited: true })) });

describe('an answer that cites a memory which is erased meanwhile', () => {
  it('is not stored, and the question runs again', async () => {
    const [erased = '', kept = ''] = await bench.remember(
      { messages: MESSAGES, tenant_id: 'answers' },
      [aFact({ text: 'goes' }), aFact({ text: 'stays' })],
    );
    const asked = await bench.gateway.send('/agent/query', {
      body: { question: 'Where?', tenant_id: 'answers' },
      headers: { prefer: 'respond-async' },
    });
    const claim = await bench.queries.claim(asked.json.job_id, 1);
    await erase(`/memories/${erased}`);
    await expect(bench.queries.complete(claim!, restingOn(kept, erased))).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    expect(await bench.queries.complete(claim!, restingOn(kept))).toBe(true);
  });

  it('is found by an erasure that had to wait for it', async () => {
    const [id = ''] = await bench.remember({ messages: MESSAGES, tenant_id: 'waits' }, [aFact()]);
    const asked = await bench.gateway.send('/agent/query', {
      body: { question: 'Where?', tenant_id: 'waits' },
      headers: { prefer: 'respond-async' },
    });
    const claim = await bench.queries.claim(asked.json.job_id, 1);
    let erasing: Promise<unknown> = Promise.resolve();
    await bench.database.inTransaction(async (statements) => {
      await statements.query('select from memories where id = $1 for key share', [id]);
      erasing = erase(`/memories/${id}`);
      await waitsForALock();
      await statements.query(
        `update queries set state = 'succeeded', finished_at = now(), next_check_at = null, answer = $2 where id = $1`,
        [claim!.id, JSON.stringify(restingOn(id))],
      );
    });
    await erasing;
    expect(await jobOf(claim!.id)).toMatchObject({ state: 'succeeded', result: null });
  });
});

async function waitsForALock(): Promise<void> {
  for (;;) {
    const waiting = await bench.database.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    if (waiting.length > 0) return;
  }
}
