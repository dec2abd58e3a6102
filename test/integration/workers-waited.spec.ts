import { type AnswerQuery, answerQuery, jobIdOf, type Progress, ReplyOutbox } from '@app/jobs';
import { aHistory, aQuestion } from '@app/memory/testing';
import type { INestApplicationContext } from '@nestjs/common';
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { storeHistories } from '../support/histories.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const KEY = 'sk-caller-key-0123456789abcdef';
const ACCOUNT = randomUUID();

let worker: INestApplicationContext;

const bench = await perFile(workerBench('workers-waited'));

beforeAll(async () => {
  await storeHistories(bench.connected.database, [
    aHistory({ accountId: ACCOUNT, text: 'Ana lives in Lisbon.' }),
  ]);
  worker = await bench.startQuery();
});
afterEach(() => bench.simulator.reset());

const queue = () => bench.queue(answerQuery.queue);

/** A question that its caller waits for, in the queue. */
async function enqueue(over: Partial<AnswerQuery> = {}): Promise<string> {
  const queryId = randomUUID();
  const jobId = jobIdOf(queryId, 1);
  const question = aQuestion({ scope: { accountId: ACCOUNT, tenantId: null } });
  const sealed = bench.sealer.seal(
    { target: bench.target(KEY), question, expiresAt: new Date(Date.now() + 60_000) },
    { queue: answerQuery.queue, jobId, accountId: ACCOUNT },
  );
  await bench.producer.answer({
    v: 1,
    queryId,
    run: 1,
    accountId: ACCOUNT,
    requestId: 'r',
    stored: false,
    llmAccount: 'caller',
    sealed,
    replyTo: bench.inbox.address,
    ...over,
  });
  return jobId;
}

async function failed(jobId: string): Promise<Job> {
  await vi.waitFor(async () => expect(await queue().getJobState(jobId)).toBe('failed'), {
    timeout: 10_000,
  });
  return (await queue().getJob(jobId)) as Job;
}

/** The replies to a question before its answer. */
async function progressOf(streamed: boolean): Promise<Progress['kind'][]> {
  await queue().pause();
  const jobId = await enqueue({ streamed });
  const heard: Progress['kind'][] = [];
  using expected = bench.inbox.expect(jobId, ({ kind }) => heard.push(kind));
  await queue().resume();
  expect(await expected.reply(10_000)).toMatchObject({ kind: 'answer' });
  return heard;
}

describe('a question whose caller has disconnected', () => {
  it('ends the model’s call, and its key is wiped', async () => {
    bench.simulator.script({ scenario: 'hang' });
    const jobId = await enqueue();
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    await bench.inbox.cancel(jobId);
    await vi.waitFor(() => expect(bench.simulator.calls[0]).toHaveProperty('closedEarlyAt'), {
      timeout: 10_000,
    });
    const job = await failed(jobId);
    expect(job.failedReason).toBe('cancelled');
    expect(job.data).not.toHaveProperty('sealed');
  });

  it('makes no model call when a worker takes it afterwards', async () => {
    await queue().pause();
    const jobId = await enqueue();
    const heard = new Set<string>();
    worker.get(ReplyOutbox).onCancel((cancelled) => heard.add(cancelled));
    await bench.inbox.cancel(jobId);
    await vi.waitFor(() => expect(heard).toContain(jobId), { timeout: 10_000 });
    await queue().resume();
    expect((await failed(jobId)).failedReason).toBe('cancelled');
    expect(bench.simulator.calls).toEqual([]);
  });

  it('is removed from the queue with its key when no worker has claimed it', async () => {
    await queue().pause();
    const jobId = await enqueue();
    expect((await queue().getJob(jobId))?.data).toHaveProperty('sealed');
    await bench.producer.withdrawAnswer(jobId);
    expect(await queue().getJob(jobId)).toBeUndefined();
    await queue().resume();
  });

  it('is not run again after its worker died, when no caller can still wait', async () => {
    await queue().pause();
    const jobId = await enqueue();
    const redis = new Redis(inject('redisUrl'));
    await redis.hset(queue().toKey(jobId), 'stc', 1);
    await redis.quit();
    await queue().resume();
    const job = await failed(jobId);
    expect(job.failedReason).toBe('unavailable');
    expect(job.data).not.toHaveProperty('sealed');
    expect(bench.simulator.calls).toEqual([]);
  });
});

describe('a question whose caller waits', () => {
  it('sends heartbeats, and nothing else unless the answer is streamed', async () => {
    expect(await progressOf(false)).toEqual(['heartbeat']);
  });

  it('sends the citations, then the text, when the answer is streamed', async () => {
    const [first, second, ...pieces] = await progressOf(true);
    expect([first, second]).toEqual(['heartbeat', 'retrieval']);
    expect(new Set(pieces)).toEqual(new Set(['delta']));
  });
});
