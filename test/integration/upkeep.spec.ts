import { randomUUID } from 'node:crypto';

import { answerQuery, extractMemories, jobIdOf, prefixOf } from '@app/jobs';
import type { NewWrite, Question } from '@app/memory';
import {
  aContentWrite,
  aHistory,
  aMessage,
  aMessagesWrite,
  aNewQuery,
  aNewWrite,
  aPolicy,
  aQuestion,
} from '@app/memory/testing';
import { withExclusiveLock } from '@app/persistence';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { storeHistories } from '../support/histories.js';
import { type WorkerBench, workerBench } from '../support/workers.js';
import { SingleQueries } from '../support/single-jobs.js';

const PREFIX = 'upkeep';
const UPKEEP = {
  RECONCILE_INTERVAL_MS: '100',
  BUNDLED_ANTHROPIC_API_KEY: 'sk-ant-operators-key-0123456789',
};

let bench: WorkerBench;
let use: ReturnType<typeof extractionBench>;
let redis: Redis;

beforeAll(async () => {
  bench = await workerBench(PREFIX);
  use = extractionBench(bench);
  redis = new Redis(inject('redisUrl'));
  const environment = { ...UPKEEP, BUNDLED_ANTHROPIC_BASE_URL: bench.simulator.url };
  await bench.startExtraction(environment);
  await bench.startExtraction(environment);
  const { RECONCILE_INTERVAL_MS: _none, ...query } = environment;
  await bench.startQuery(query);
});
afterEach(() => bench.simulator.reset());
afterAll(async () => {
  redis.disconnect();
  await bench.close();
});

/** Takes away what this file's queues hold, as a Redis does that is started anew. */
async function emptyTheQueues(): Promise<void> {
  for (const { queue } of [extractMemories, answerQuery]) {
    const keys = await redis.keys(`${prefixOf(queue, { prefix: PREFIX })}:*`);
    if (keys.length > 0) await redis.del(keys);
  }
}

/** A write that was accepted a minute ago, and a delayed job for it unless it has none. */
async function aWrite({
  job = 'delayed',
  ...over
}: Partial<NewWrite> & { job?: 'delayed' | 'none' } = {}) {
  const request = aMessagesWrite({
    messages: [aMessage({ name: 'Ana', content: 'I moved to Lisbon last spring.' })],
  });
  const write = aNewWrite({ request, llmAccount: 'bundled', ...over });
  await use.writes.accept([write]);
  await change(write.id, `created_at = now() - interval '1 minute'`);
  const jobId = jobIdOf(write.id, 1);
  if (job === 'delayed') {
    const { id: writeId, llmAccount, requestId } = write;
    const data = { v: 1, writeId, run: 1, llmAccount, requestId };
    await use.queue.add(extractMemories.name, data, { jobId, delay: 3_600_000 });
  }
  return { ...write, jobId };
}

const change = (id: string, set: string) =>
  bench.connected.database.query(`update writes set ${set} where id = $1`, [id]);

async function row(table: 'writes' | 'queries', id: string) {
  const [found] = await bench.connected.database.query<Record<string, unknown>>(
    `select *, next_check_at > now() as looked_at, failure ->> 'code' as code from ${table} where id = $1`,
    [id],
  );
  return found;
}

const isDue = (id: string) => change(id, `next_check_at = now() - interval '1 second'`);

/** Waits until upkeep has looked at a write that it leaves as it is. */
async function isLookedAt(id: string): Promise<void> {
  await isDue(id);
  await vi.waitFor(async () => expect(await row('writes', id)).toMatchObject({ looked_at: true }), {
    timeout: 10_000,
  });
  // The transaction that reads the row holds its lock until it has acted on it.
  await vi.waitFor(async () =>
    expect(await withExclusiveLock(bench.connected.database, 87_533, async () => undefined)).toBe(
      true,
    ),
  );
}

/** A row, once it has ended. */
const ended = (table: 'writes' | 'queries', id: string) =>
  vi.waitFor(
    async () => {
      const found = await row(table, id);
      if (!found?.['finished_at']) throw new Error('It has not ended');
      return found;
    },
    { timeout: 10_000 },
  );

describe('after the queue was emptied', () => {
  it('bundled writes run again, each once, with two workers', async () => {
    const writes = await Promise.all(Array.from({ length: 12 }, () => aWrite()));
    await emptyTheQueues();
    for (const { id } of writes)
      expect(await ended('writes', id)).toMatchObject({ state: 'succeeded', run: 2 });
    expect(bench.simulator.calls).toHaveLength(writes.length);
    for (const { asker } of writes) expect(await use.memoriesOf(asker.accountId)).toHaveLength(1);
  });

  it('a write on the caller’s account fails, and keeps its text for a retry', async () => {
    const { id } = await aWrite({ llmAccount: 'caller' });
    await emptyTheQueues();
    expect(await ended('writes', id)).toMatchObject({
      state: 'failed',
      code: 'caller_key_unavailable',
      run: 1,
    });
    expect(await row('writes', id)).toMatchObject({ request: { source: 'agent' } });
    expect(bench.simulator.calls).toEqual([]);
  });

  it('a write whose caller waits fails, and its text is erased', async () => {
    const { id } = await aWrite({ llmAccount: 'caller', waiting: true });
    await emptyTheQueues();
    expect(await ended('writes', id)).toMatchObject({
      state: 'failed',
      code: 'caller_key_unavailable',
      request: null,
    });
  });

  it('a fact in content mode is stored, because it needs no key', async () => {
    const request = aContentWrite({ supersession: aPolicy() });
    const { id, asker } = await aWrite({ request, llmAccount: 'caller' });
    await emptyTheQueues();
    expect(await ended('writes', id)).toMatchObject({ state: 'succeeded', run: 2 });
    expect(await use.memoriesOf(asker.accountId)).toEqual([{ text: request.content }]);
  });

  it('a running write is handled like a queued one', async () => {
    const { id } = await aWrite();
    await change(id, `state = 'running', attempt = 3`);
    await emptyTheQueues();
    expect(await ended('writes', id)).toMatchObject({ state: 'succeeded', run: 2 });
  });

  it('an asynchronous query runs again', async () => {
    const accountId = randomUUID();
    await storeHistories(bench.connected.database, [
      aHistory({ accountId, text: 'Ana lives in Lisbon.' }),
    ]);
    const question: Question = aQuestion({ scope: { accountId, tenantId: null } });
    const query = aNewQuery({ asker: { accountId, apiKeyId: randomUUID() }, question });
    await new SingleQueries(bench.connected.database).accept(query);
    await bench.connected.database.query(
      `update queries set created_at = now() - interval '1 minute' where id = $1`,
      [query.id],
    );
    await emptyTheQueues();
    expect(await ended('queries', query.id)).toMatchObject({ state: 'succeeded', run: 2 });
    expect(await row('queries', query.id)).toMatchObject({ answer: { grounded: true } });
  });
});

describe('a write whose check is due', () => {
  it('is left alone while its job is delayed', async () => {
    const { id, jobId } = await aWrite();
    await isLookedAt(id);
    expect(await row('writes', id)).toMatchObject({ state: 'queued', run: 1 });
    expect(await use.queue.getJobState(jobId)).toBe('delayed');
  });

  it('is left alone while its enqueue may be under way', async () => {
    const { id } = await aWrite({ job: 'none', llmAccount: 'caller' });
    await change(id, `created_at = now() - interval '5 seconds'`);
    await isLookedAt(id);
    expect(await row('writes', id)).toMatchObject({ state: 'queued', run: 1 });
  });

  it('is queued again when it never had a job', async () => {
    const { id } = await aWrite({ job: 'none' });
    await isDue(id);
    expect(await ended('writes', id)).toMatchObject({ state: 'succeeded', run: 2 });
  });

  it('is queued again when its job ended without it', async () => {
    const { id, jobId } = await aWrite({ job: 'none' });
    const data = { v: 1, writeId: randomUUID(), run: 1, llmAccount: 'bundled', requestId: 'r' };
    await use.queue.add(extractMemories.name, data, { jobId });
    await use.jobIs(jobId, 'completed');
    await isDue(id);
    expect(await ended('writes', id)).toMatchObject({ state: 'succeeded', run: 2 });
  });

  it('fails when it has no job long after its deadline', async () => {
    const { id } = await aWrite({ job: 'none', deadlineAt: new Date(Date.now() - 600_000) });
    await isDue(id);
    expect(await ended('writes', id)).toMatchObject({
      state: 'failed',
      code: 'unavailable',
      run: 1,
    });
  });
});

describe('an ended job', () => {
  it.each([
    ['succeeded', 23, 25],
    ['cancelled', 23, 25],
    ['failed', 24 * 7 - 1, 24 * 7 + 1],
  ])('that is %s is kept for %i hours, and deleted after %i', async (state, kept, gone) => {
    const endedAgo = async (hours: number): Promise<string> => {
      const { id } = await aWrite();
      const failure = state === 'failed' ? `'{"code": "llm_auth_failed"}'` : 'null';
      const finished = `finished_at = now() - interval '${hours} hours'`;
      await change(
        id,
        `state = '${state}', ${finished}, failure = ${failure}, next_check_at = null`,
      );
      return id;
    };
    const stays = await endedAgo(kept);
    const goes = await endedAgo(gone);
    await vi.waitFor(async () => expect(await row('writes', goes)).toBeUndefined(), {
      timeout: 10_000,
    });
    expect(await row('writes', stays)).toBeDefined();
  });
});
