import { getQueueToken } from '@nestjs/bullmq';
import type { Job, Queue } from 'bullmq';
import { describe, expect, it } from 'vitest';

import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
const MESSAGES = [{ role: 'user', content: 'I live in London.' }];

const gateway = await perFile(startGateway());

describe('a fact in content mode', () => {
  it('is stored once, found under both paths, and shown in the same way by its job', async () => {
    const body = { content: 'Ada plays chess.', tenant_id: 'once', metadata: { a: 1 } };
    const saved = await gateway.send('/agent/memories', { body });
    expect(saved).toMatchObject({
      status: 200,
      json: { status: 'saved', company_id: gateway.accountId, tenant_id: 'once' },
    });
    const id: string = saved.json.memory_id;
    const again = await gateway.send('/agent/memories', {
      body: { ...body, content: 'ada  PLAYS chess.' },
    });
    expect(again.json).toEqual({ status: 'duplicate', memory_id: id });
    for (const path of [`/agent/memories/${id}`, `/memories/${id}`]) {
      expect((await gateway.send(path)).json).toMatchObject({ id, decision: 'Ada plays chess.' });
    }
    const job = await gateway.send(String(saved.headers['location']));
    expect(job.json).toMatchObject({
      kind: 'write',
      state: 'succeeded',
      result: saved.json,
      error: null,
    });
  });

  it('answers 202 when the caller prefers not to wait', async () => {
    const answer = await gateway.send('/agent/memories', {
      body: { content: 'Ada sails.' },
      headers: { prefer: 'respond-async' },
    });
    expect(answer).toMatchObject({
      status: 202,
      headers: { 'preference-applied': 'respond-async' },
    });
    expect(answer.headers['location']).toBe(`/agent/jobs/${answer.json.job_id}`);
  });

  it('is found by a search, which needs no model', async () => {
    await gateway.send('/agent/memories', {
      body: { content: 'Ada keeps bees.', tenant_id: 'bees' },
    });
    const found = await gateway.send('/agent/search', {
      body: { question: 'Who keeps bees?', tenant_id: 'bees' },
    });
    expect(found).toMatchObject({
      status: 200,
      json: { citations: [{ index: 1, decision: 'Ada keeps bees.', cited_by_llm: false }] },
    });
  });
});

describe('a fact that may supersede others', () => {
  const body = { content: 'Ada plays the oboe.', auto_supersede: true };

  it('is stored by a worker, and accepted without a model account', async () => {
    const answer = await gateway.send('/agent/memories', { body });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
    const job = await gateway.send(String(answer.headers['location']));
    expect(job.json).toMatchObject({ kind: 'write', state: 'queued' });
  });

  it.each([
    ['no llm', undefined, 'bundled', false],
    ['the caller’s Anthropic', { ...LLM, provider: 'anthropic' }, 'caller', true],
    ['another of the caller’s', LLM, 'caller', false],
  ])(
    'is queued with a sealed key only when the worker may use the key: %s',
    async (_, llm, account, sealed) => {
      const { json } = await gateway.send('/agent/memories', {
        body: { ...body, llm },
        headers: { prefer: 'respond-async' },
      });
      const queue = gateway.app.get<Queue>(getQueueToken('extraction'), { strict: false });
      const job = (await queue.getJob(`${json.job_id}.1`)) as Job | undefined;
      expect(job?.data).toMatchObject({ writeId: json.job_id, llmAccount: account });
      expect('sealed' in (job?.data ?? {})).toBe(sealed);
    },
  );
});

const read = async (url: string) => {
  const { json } = await gateway.send(url);
  const memories = json.memories as { decision: string }[];
  return {
    facts: memories.map(({ decision }) => decision),
    next: json.next_cursor as string | null,
  };
};

/** Ends a fact with no successor. */
async function endFact(tenant: string, text: string): Promise<void> {
  const { json } = await gateway.send(`/agent/memories?tenant_id=${tenant}`);
  const memories = json.memories as { id: string; decision: string }[];
  const ended = memories.find(({ decision }) => decision === text);
  const body = { valid_to: new Date().toISOString() };
  const { status } = await gateway.send(`/memories/${ended?.id}/supersede`, { body });
  expect(status).toBe(200);
}

describe('a list of memories', () => {
  const list = '/agent/memories?tenant_id=pages';
  it('continues where its page ended, without memories that were added in between', async () => {
    for (const content of ['one', 'two', 'three']) {
      await gateway.send('/agent/memories', {
        body: { content, tenant_id: 'pages', metadata: { n: content } },
      });
    }
    const first = await read(`${list}&limit=2`);
    expect(first.facts).toEqual(['three', 'two']);
    await gateway.send('/agent/memories', { body: { content: 'four', tenant_id: 'pages' } });
    const second = await read(`${list}&limit=2&cursor=${first.next}`);
    expect(second).toEqual({ facts: ['one'], next: null });
    expect((await gateway.send(`${list}&topic=Work&cursor=${first.next}`)).status).toBe(400);
  });

  it('shows later pages as they were believed when the first page was read', async () => {
    for (const content of ['a', 'b']) {
      await gateway.send('/agent/memories', { body: { content, tenant_id: 'ended' } });
    }
    const url = '/agent/memories?tenant_id=ended&limit=1';
    const first = await read(url);
    await endFact('ended', 'a');
    expect((await read(`${url}&cursor=${first.next}`)).facts).toEqual(['a']);
    expect((await read(url)).next).toBeNull();
  });

  it('can be filtered by metadata, as text', async () => {
    expect((await read(`${list}&metadata[n]=two`)).facts).toEqual(['two']);
  });

  it('has the same metadata filter as a search', async () => {
    const tenant_id = 'filtered';
    const metadata = { tags: ['a', 1], owner: { name: 'Ada' }, level: 3 };
    await gateway.send('/agent/memories', { body: { content: 'Ada naps.', tenant_id, metadata } });
    const search = (filter: unknown): ReturnType<typeof gateway.send> =>
      gateway.send('/agent/search', {
        body: { question: 'Who naps?', tenant_id, metadata: filter },
      });
    expect((await search(metadata)).json.citations).toHaveLength(1);
    expect((await search({ tags: ['a'] })).json.citations).toEqual([]);
    expect(await search({ tags: null })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '/metadata/tags' }] },
    });
  });

  it('of the default tenant contains nothing of another', async () => {
    expect((await read('/agent/memories')).facts).not.toContain('one');
    expect((await read('/agent/memories?tenant_id=*')).facts).toContain('one');
  });
});

describe('a write that no worker takes', () => {
  const body = { messages: MESSAGES, llm: LLM };

  it.each([
    ['', undefined],
    ['wait=0', 'wait=0'],
    ['wait=60, respond-async', 'respond-async, wait=1'],
  ])('answers 202 with its job when the wait runs out: Prefer %j', async (prefer, applied) => {
    const answer = await gateway.send('/agent/memories', { body, headers: { prefer } });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
    expect(answer.headers['preference-applied']).toBe(applied);
    const job = await gateway.send(String(answer.headers['location']));
    expect(job.json).toMatchObject({ state: 'queued', result: null, error: null });
  });

  it('has the same answer for a query, which has no row while its caller waits', async () => {
    const query = { question: 'Where?', llm: LLM };
    const later = await gateway.send('/agent/query', {
      body: query,
      headers: { prefer: 'respond-async' },
    });
    expect((await gateway.send(String(later.headers['location']))).json).toMatchObject({
      kind: 'query',
      state: 'queued',
    });
    const now = await gateway.send('/agent/query', { body: query });
    expect(now).toMatchObject({ status: 503, json: { code: 'llm_unavailable', retryable: true } });
    expect(now.headers['location']).toBeUndefined();
  });
});
