import { MemoryStore } from '@app/memory';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { startByo } from '../support/byo.js';
import type { Received } from '../support/gateway.js';
import { jobsOn } from '../support/jobs.js';
import { perFile } from '../support/per-file.js';

/** Jobs by what became of them, in the order in which they were made. */
const made = { saved: '', extracted: '', failed: '', asked: '', past: '', cancelled: '', dry: '' };

const byo = await perFile(startByo());
const use = jobsOn(byo);

beforeAll(async () => {
  const fact = await byo.call('/agent/memories', { body: { content: 'The caller likes figs.' } });
  made.saved = String(fact.headers['location']).split('/').at(-1) ?? '';
  made.extracted = await use.write('gpt-5', 'I moved to Porto. My sister is called Mia.');
  await use.is(made.extracted, 'succeeded');
  made.failed = await use.write('sim-bad-key');
  await use.is(made.failed, 'failed');
  made.asked = await use.ask('gpt-5', 'What does the caller like?');
  await use.is(made.asked, 'succeeded');
  made.past = await use.later('/agent/query', {
    question: 'What does the caller like?',
    transaction_as_of: new Date().toISOString(),
    llm: byo.llm('openai', 'gpt-5'),
  });
  await use.is(made.past, 'succeeded');
  made.cancelled = await use.write('sim-hang');
  await use.cancel(made.cancelled);
  made.dry = await use.later('/agent/memories', {
    messages: use.messages('I keep bees.'),
    dry_run: true,
    llm: byo.llm('openai', 'gpt-5'),
  });
  await use.is(made.dry, 'succeeded');
});
afterEach(() => {
  vi.restoreAllMocks();
});

const list = (asked = '', key?: string): Promise<Received> =>
  byo.gateway.send(`/agent/jobs${asked}`, key === undefined ? {} : { key });
const idsIn = ({ json }: Received): string[] =>
  json.jobs.map(({ job_id }: { job_id: string }) => job_id);

describe('the list of jobs', () => {
  it('has every job, newest first, in the form of a single read', async () => {
    const listed = await list();
    expect(listed).toMatchObject({
      status: 200,
      json: { company_id: byo.gateway.accountId, count: 7, next_cursor: null },
    });
    expect(idsIn(listed)).toEqual(Object.values(made).toReversed());
    for (const job of listed.json.jobs) {
      const { json: alone } = await use.get(job.job_id);
      expect(withoutFreshness(job)).toEqual(withoutFreshness(alone));
    }
  });

  it('shows the result of each', async () => {
    const { json } = await list();
    const byId = new Map(json.jobs.map((job: { job_id: string }) => [job.job_id, job]));
    expect(byId.get(made.extracted)).toMatchObject({
      result: { status: 'extracted', memories: [{ tenant_id: null }, {}] },
    });
    expect(byId.get(made.failed)).toMatchObject({
      result: null,
      error: { code: 'llm_auth_failed', status: 401 },
    });
    expect(byId.get(made.asked)).toMatchObject({ result: { grounded: true } });
    expect(byId.get(made.cancelled)).toMatchObject({ result: null, error: null });
    expect(byId.get(made.dry)).toMatchObject({ result: { status: 'dry_run' } });
  });

  it('reads the memories of all results in few statements, however many jobs there are', async () => {
    const reading = vi.spyOn(byo.gateway.app.get(MemoryStore), 'findMany');
    await list();
    // Those of writes, of questions about now, and of the one about a past moment.
    expect(reading).toHaveBeenCalledTimes(3);
  });

  it('can be filtered', async () => {
    expect(idsIn(await list('?state=failed'))).toEqual([made.failed]);
    expect(idsIn(await list('?state=cancelled&kind=write'))).toEqual([made.cancelled]);
    expect(idsIn(await list('?kind=query'))).toEqual([made.past, made.asked]);
    expect(idsIn(await list('?kind=query&state=failed'))).toEqual([]);
  });

  it.each(['?state=done', '?kind=verify', '?limit=0', '?limit=201', '?limit=x', '?cursor=x'])(
    'rejects %s',
    async (asked) => {
      const parameter = /\?(\w+)/.exec(asked)?.[1];
      expect(await list(asked)).toMatchObject({
        status: 400,
        json: { code: 'invalid_request', errors: [{ path: `/${parameter}` }] },
      });
    },
  );

  it('is empty for another account, and limited to its tenant for a key of one tenant', async () => {
    const { json: other } = await byo.gateway.administer('/admin/accounts', {
      body: { name: 'other' },
    });
    expect((await list('', other.api_key)).json).toMatchObject({ count: 0, jobs: [] });
    const bound = await byo.gateway.makeKey({ tenant_id: 'blue', read_only: true });
    expect((await list('', bound)).json.count).toBe(0);
    await byo.call('/agent/memories', { body: { content: 'It rains.', tenant_id: 'blue' } });
    const seen = await list('', bound);
    expect(seen.json).toMatchObject({ count: 1, jobs: [{ result: { tenant_id: 'blue' } }] });
    expect((await list('?limit=1')).json.jobs[0].job_id).toBe(seen.json.jobs[0].job_id);
  });

  it('neither skips nor repeats a job while others are added', async () => {
    const there = idsIn(await list());
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await list(`?limit=2${cursor}`);
      expect(page.json.count).toBe(page.json.jobs.length);
      seen.push(...idsIn(page));
      cursor = page.json.next_cursor === null ? '' : `&cursor=${page.json.next_cursor}`;
      await byo.call('/agent/memories', { body: { content: `It is ${seen.length}.` } });
    } while (cursor !== '');
    expect(seen).toEqual(there);
  });

  it('rejects the cursor of another list', async () => {
    const { json } = await list('?limit=1');
    expect((await list(`?cursor=${json.next_cursor}&limit=200`)).status).toBe(200);
    expect(await list(`?cursor=${json.next_cursor}&kind=write`)).toMatchObject({
      status: 400,
      json: { errors: [{ path: '/cursor' }] },
    });
  });
});

/** It falls by the moment. */
function withoutFreshness(job: object): unknown {
  return JSON.parse(JSON.stringify(job), (name, value: unknown) =>
    name === 'freshness' ? undefined : value,
  );
}
