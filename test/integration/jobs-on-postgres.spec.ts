import { answerQuery, extractMemories } from '@app/jobs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { type ByoBench, CALLER_KEY, startByo } from '../support/byo.js';
import { canaryOf, postgresDump } from '../support/canaries.js';
import { blankDatabase, type FreshDatabase } from '../support/databases.js';
import { jobsOn } from '../support/jobs.js';

let queueDatabase: FreshDatabase;
let byo: ByoBench;
let use: ReturnType<typeof jobsOn>;

beforeAll(async () => {
  queueDatabase = await blankDatabase();
  byo = await startByo({
    QUEUE_URL: queueDatabase.url,
    LOCAL_LAUNCH: 'true',
    LLM_TIMEOUT_MS: '60000',
    WORKER_CONCURRENCY: '1',
  });
  use = jobsOn(byo);
});
afterEach(() => byo.providers.reset());
afterAll(async () => {
  await byo.close();
  await queueDatabase.drop();
});

const envelopes = async (): Promise<readonly string[]> => {
  const jobs = await Promise.all(
    [extractMemories.queue, answerQuery.queue].map((name) => use.queueOf(name).getJobs()),
  );
  return jobs.flat().flatMap(({ id, data }) => ('sealed' in (data as object) ? [String(id)] : []));
};

describe('with the queue on Postgres', () => {
  it('a failed job is retried with a fresh key', async () => {
    const id = await use.write('sim-bad-key', 'I moved to Porto.');
    await use.is(id, 'failed');
    expect(await use.retry(id, { llm: byo.llm('openai', 'gpt-5') })).toMatchObject({
      status: 200,
      json: { status: 'extracted', saved_count: 1 },
    });
    expect(await envelopes()).toEqual([]);
  });

  it('a queued job that is cancelled never runs, and a running one is aborted, also while its caller waits', async () => {
    const running = await use.write('sim-hang');
    await use.calls(1);
    const answer = byo.call('/agent/memories', {
      body: { messages: use.messages('I sing.'), llm: byo.llm('openai', 'gpt-5') },
    });
    const queued = await vi.waitFor(async () => {
      const { json } = await byo.gateway.send('/agent/jobs?limit=1');
      expect(json.jobs[0].job_id).not.toBe(running);
      return String(json.jobs[0].job_id);
    });
    expect(await use.cancel(queued)).toMatchObject({ status: 200, json: { state: 'cancelled' } });
    expect(await use.queued(extractMemories.queue, queued)).toBeUndefined();
    expect(await answer).toMatchObject({ status: 409, json: { code: 'job_not_retryable' } });

    expect(await use.cancel(running)).toMatchObject({ status: 200, json: { state: 'cancelled' } });
    await vi.waitFor(() => expect(byo.providers.calls[0]?.closedEarlyAt).toBeDefined(), {
      timeout: 10_000,
    });
    await vi.waitFor(async () => expect(await envelopes()).toEqual([]), { timeout: 10_000 });
    expect(byo.providers.calls).toHaveLength(1);
    const { foundIn } = canaryOf(CALLER_KEY);
    for (const url of [byo.gateway.databaseUrl, queueDatabase.url])
      expect(foundIn(await postgresDump(url))).toEqual([]);
  });
});
