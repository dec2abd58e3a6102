import { randomUUID } from 'node:crypto';

import { extractMemories, jobIdOf, RefusedKeys } from '@app/jobs';
import { aContentWrite, aNewWrite, aPolicy } from '@app/memory/testing';
import { metrics } from '@app/observability';
import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { jsonReply } from '../../scripts/simulator/index.js';
import { CALLER_KEY, extractionBench } from '../support/extraction-bench.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const RATE_LIMITED = (seconds: number) => () =>
  jsonReply(
    429,
    { error: { message: 'Slow down.', type: 'tokens', code: 'rate_limit_exceeded' } },
    { 'retry-after': String(seconds) },
  );
const OVERLOADED = () =>
  jsonReply(503, { error: { message: 'Overloaded.', type: 'server_error' } });

const bench = await perFile(workerBench('workers-extraction'));
const use = extractionBench(bench);

const factsStored = async (): Promise<number> =>
  (await metrics.factsStored.get()).values[0]?.value ?? 0;

describe('an extraction job', () => {
  let worker: INestApplicationContext;
  beforeAll(async () => {
    worker = await bench.startExtraction();
  });
  afterAll(() => worker.close());
  afterEach(() => bench.simulator.reset());

  it('stores the facts of the model, and sends a reply', async () => {
    const write = { asker: { accountId: randomUUID(), apiKeyId: randomUUID() } };
    const id = randomUUID();
    const reply = await bench.replyTo(jobIdOf(id, 1), async () => {
      await use.enqueue({ write: { ...write, id }, payload: { replyTo: bench.inbox.address } });
    });
    expect(reply).toEqual({ kind: 'settled', jobId: jobIdOf(id, 1) });
    expect((await use.row(id))?.state).toBe('succeeded');
    const [memory] = await use.memoriesOf(write.asker.accountId);
    expect(memory?.text).toContain('Ana moved to Lisbon');
    expect(bench.simulator.calls[0]?.headers.authorization).toBe(`Bearer ${CALLER_KEY}`);
  });

  it('counts the facts that it stores, and not those that the account has already', async () => {
    const asker = { accountId: randomUUID(), apiKeyId: randomUUID() };
    const before = await factsStored();
    for (const expected of [1, 1]) {
      const { write } = await use.enqueue({ write: { asker } });
      await use.stateIs(write.id, 'succeeded');
      await vi.waitFor(async () => expect((await factsStored()) - before).toBe(expected));
    }
    expect(await use.memoriesOf(asker.accountId)).toHaveLength(1);
  });

  it('loses its key when it succeeds', async () => {
    const { write, jobId } = await use.enqueue({ keepCompleted: true });
    await use.jobIs(jobId, 'completed');
    expect((await use.row(write.id))?.state).toBe('succeeded');
    const job = await use.jobOf(jobId);
    expect(job.data).toMatchObject({ writeId: write.id });
    expect(job.data).not.toHaveProperty('sealed');
    expect(job.returnvalue).toBeFalsy();
  });

  it('fails at once when the provider rejects the key, and loses the key', async () => {
    const { write, jobId } = await use.enqueue({ key: 'sk-wrong-0123456789abcdef' });
    await use.jobIs(jobId, 'failed');
    const job = await use.jobOf(jobId);
    expect(job).toMatchObject({ failedReason: 'llm_auth_failed', attemptsMade: 1 });
    expect(job.data).not.toHaveProperty('sealed');
    expect(job.stacktrace).toEqual([]);
    expect(await use.row(write.id)).toMatchObject({
      state: 'failed',
      failure: { code: 'llm_auth_failed' },
    });
    expect(bench.simulator.calls).toHaveLength(1);
  });

  it('is delayed as long as the provider asks, without spending an attempt, and keeps its key', async () => {
    bench.simulator.script({ reply: RATE_LIMITED(2) });
    const { write, jobId } = await use.enqueue();
    await use.jobIs(jobId, 'delayed');
    const waiting = await use.jobOf(jobId);
    expect(waiting.attemptsMade).toBe(0);
    expect(waiting.data).toHaveProperty('sealed');
    expect((await use.row(write.id))?.state).toBe('queued');
    await use.stateIs(write.id, 'succeeded');
    const [first, second] = bench.simulator.calls;
    expect((second?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)).toBeGreaterThanOrEqual(1_900);
  });

  it('is not delayed beyond its deadline', async () => {
    bench.simulator.script({ reply: RATE_LIMITED(600) });
    const deadlineAt = new Date(Date.now() + 60_000);
    const { write, jobId } = await use.enqueue({ write: { deadlineAt } });
    await use.jobIs(jobId, 'failed');
    expect((await use.row(write.id))?.failure).toMatchObject({
      code: 'llm_rate_limited',
      retryAfterMs: 600_000,
    });
    expect((await use.jobOf(jobId)).data).not.toHaveProperty('sealed');
  });

  it('is retried later when the provider is down', async () => {
    bench.simulator.script({ reply: OVERLOADED });
    const { write, jobId } = await use.enqueue();
    await use.jobIs(jobId, 'delayed');
    const job = await use.jobOf(jobId);
    expect(job).toMatchObject({ attemptsMade: 1, failedReason: 'llm_unavailable' });
    expect(job.data).toHaveProperty('sealed');
    expect((await use.row(write.id))?.state).toBe('queued');
  });

  it('fails at once while a caller waits', async () => {
    bench.simulator.script({ reply: OVERLOADED });
    const id = randomUUID();
    const reply = await bench.replyTo(jobIdOf(id, 1), async () => {
      await use.enqueue({
        write: { id, waiting: true },
        payload: { replyTo: bench.inbox.address },
      });
    });
    expect(reply?.kind).toBe('settled');
    expect((await use.row(id))?.failure?.code).toBe('llm_unavailable');
    expect((await use.jobOf(jobIdOf(id, 1))).data).not.toHaveProperty('sealed');
    expect(bench.simulator.calls).toHaveLength(1);
  });

  it('is retried when its caller disconnected during the call', async () => {
    bench.simulator.script({ reply: OVERLOADED, delayMs: 500 });
    const { write, jobId } = await use.enqueue({ write: { waiting: true } });
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    await use.writes.stopWaiting(write.id);
    await use.jobIs(jobId, 'delayed');
    expect((await use.row(write.id))?.state).toBe('queued');
  });

  it('without its key fails with caller_key_unavailable', async () => {
    const { write, jobId } = await use.enqueue({ payload: { sealed: undefined } });
    await use.jobIs(jobId, 'failed');
    expect((await use.row(write.id))?.failure?.code).toBe('caller_key_unavailable');
    expect(bench.simulator.calls).toEqual([]);
  });

  it.each([
    ['bundled', 'caller', 'caller_key_unavailable'],
    ['caller', 'bundled', 'caller_key_unavailable'],
    ['bundled', 'bundled', 'bundled_llm_unavailable'],
  ] as const)(
    'with %s in the row and %s in the payload makes no call',
    async (inRow, inJob, code) => {
      const { write, jobId } = await use.enqueue({
        write: { llmAccount: inRow },
        payload: { llmAccount: inJob },
      });
      await use.jobIs(jobId, 'failed');
      expect((await use.row(write.id))?.failure?.code).toBe(code);
      expect((await use.jobOf(jobId)).data).not.toHaveProperty('sealed');
      expect(bench.simulator.calls).toEqual([]);
    },
  );

  it('stores a fact in content mode without a model, with or without its key', async () => {
    const request = aContentWrite({ supersession: aPolicy() });
    const { write, jobId } = await use.enqueue({
      write: { request, waiting: true },
      payload: { sealed: undefined, llmAccount: 'bundled' },
      keepCompleted: true,
    });
    await use.jobIs(jobId, 'completed');
    expect((await use.row(write.id))?.state).toBe('succeeded');
    expect(await use.memoriesOf(write.asker.accountId)).toEqual([{ text: request.content }]);
    expect(bench.simulator.calls).toEqual([]);
  });

  it('stores a fact in content mode although its caller had too many rejected keys', async () => {
    for (let time = 0; time < 10; time += 1) await worker.get(RefusedKeys).count('a-guesser');
    const { write } = await use.enqueue({
      write: { request: aContentWrite({ supersession: aPolicy() }), waiting: true },
      payload: { refusalsUnder: 'a-guesser' },
    });
    await use.stateIs(write.id, 'succeeded');
    expect(bench.simulator.calls).toEqual([]);
  });

  it('does not open the envelope of another job', async () => {
    const { jobId } = await use.enqueue();
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    bench.simulator.reset();
    const other = aNewWrite();
    const sealed = bench.sealer.seal(
      { target: bench.target(CALLER_KEY), expiresAt: new Date(Date.now() + 60_000) },
      { queue: extractMemories.queue, jobId, accountId: other.asker.accountId },
    );
    const moved = await use.enqueue({ write: other, payload: { sealed } });
    await use.jobIs(moved.jobId, 'failed');
    expect((await use.row(other.id))?.failure?.code).toBe('caller_key_unavailable');
    expect(bench.simulator.calls).toEqual([]);
  });

  it('ends without a call when its row has ended', async () => {
    const write = aNewWrite();
    await use.writes.accept([write]);
    await use.writes.withdraw(write.id, { code: 'unavailable', detail: 'Withdrawn.' });
    const reply = await bench.replyTo(jobIdOf(write.id, 1), () =>
      bench.producer.extract([
        {
          v: 1,
          writeId: write.id,
          run: 1,
          llmAccount: 'caller',
          replyTo: bench.inbox.address,
          requestId: 'r',
        },
      ]),
    );
    expect(reply?.kind).toBe('settled');
    expect(bench.simulator.calls).toEqual([]);
  });

  it.each([
    ['of no version', { sealed: 'v1.k.a.b.c' }],
    ['of an older version', { v: 0, sealed: 'v1.k.a.b.c' }],
    ['without its fields', { v: 1, sealed: 'v1.k.a.b.c' }],
    ['that is no object', 'v1.k.a.b.c'],
  ])(
    'with data %s fails with a code, loses the data, and the worker continues',
    async (_which, data) => {
      const poison = await use.queue.add(extractMemories.name, data);
      const { write } = await use.enqueue();
      await use.stateIs(write.id, 'succeeded');
      await use.jobIs(poison.id ?? '', 'failed');
      expect(await use.jobOf(poison.id ?? '')).toMatchObject({
        data: {},
        failedReason: 'internal',
      });
    },
  );

  it('that cannot be read fails its row, too, and its waiting caller gets the failure', async () => {
    const write = aNewWrite();
    await use.writes.accept([write]);
    const jobId = jobIdOf(write.id, 1);
    const data = { v: 1, writeId: 7, replyTo: bench.inbox.address };
    const reply = await bench.replyTo(jobId, async () => {
      await use.queue.add(extractMemories.name, data, { jobId });
    });
    expect(reply).toEqual({ kind: 'settled', jobId });
    expect(await use.row(write.id)).toMatchObject({
      state: 'failed',
      failure: { code: 'internal' },
    });
  });

  it('of a newer version is left for a newer worker, and fails when none comes', async () => {
    const { write, jobId } = await use.enqueue({ payload: { v: 3 as never } });
    await use.jobIs(jobId, 'delayed');
    const job = await use.jobOf(jobId);
    expect(job).toMatchObject({ attemptsMade: 0, data: { v: 3, sealed: expect.any(String) } });
    expect(await use.row(write.id)).toMatchObject({ state: 'queued', attempt: 0 });
    const redis = new Redis(inject('redisUrl'));
    await redis.hset(use.queue.toKey(jobId), 'timestamp', Date.now() - 3_700_000);
    await redis.quit();
    await job.promote();
    await use.jobIs(jobId, 'failed');
    expect((await use.jobOf(jobId)).data).toEqual({});
    expect((await use.row(write.id))?.failure?.code).toBe('internal');
  });

  it('without a row ends without a call', async () => {
    await use.queue.pause();
    const { write, jobId } = await use.enqueue();
    await bench.connected.database.query('delete from writes where id = $1', [write.id]);
    await use.queue.resume();
    await vi.waitFor(async () => expect(await use.queue.getJob(jobId)).toBeUndefined(), {
      timeout: 10_000,
    });
    expect(bench.simulator.calls).toEqual([]);
  });
});
