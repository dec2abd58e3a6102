import { randomUUID } from 'node:crypto';

import {
  answerQuery,
  FairOrder,
  jobIdOf,
  prefixOf,
  queueConnection,
  RefusedKeys,
  type Reply,
  ReplyOutbox,
} from '@app/jobs';
import { jobObserver } from '@app/observability';
import { type Attempt, AttemptRunner, guardedByLock } from '@app/worker';
import { type Job, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const PREFIX = 'workers-fencing';
const PATIENT = { timeout: 10_000 };

let redis: Redis;

const bench = await perFile(workerBench(PREFIX));
const use = extractionBench(bench);

beforeAll(async () => {
  redis = new Redis(inject('redisUrl'));
});
afterEach(() => bench.simulator.reset());
afterAll(async () => {
  await redis.quit();
});

/** Releases a job as BullMQ does after its worker was paused for longer than the lock: the job waits again. */
async function takeAway(queue: string, jobId: string): Promise<void> {
  const key = (name: string) => `${prefixOf(queue, { prefix: PREFIX })}:${queue}:${name}`;
  await redis.del(key(`${jobId}:lock`));
  await redis.srem(key('stalled'), jobId);
  await redis.lrem(key('active'), 1, jobId);
  await redis.rpush(key('wait'), jobId);
  await redis.zadd(key('marker'), 0, '0');
}

describe('a worker that lost its lock to another', () => {
  it.each([
    ['an answer', { delayMs: 1_500 }],
    ['a refusal', { scenario: 'bad-key', delayMs: 1_500 }],
  ])('and then gets %s: stores, wipes, replies and ends nothing', async (_what, first) => {
    const busy = await bench.startExtraction({ WORKER_CONCURRENCY: '1' });
    bench.simulator.script(first, { delayMs: 7_000 });
    const payload = { replyTo: bench.inbox.address };
    const { write, jobId } = await use.enqueue({ payload });
    using expected = bench.inbox.expect(jobId);
    let replied = false;
    const reply = expected.reply(25_000).then((given) => {
      replied = true;
      return given;
    });
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), PATIENT);
    await takeAway('extraction', jobId);
    const other = await bench.startExtraction({ WORKER_CONCURRENCY: '1' });
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(2), PATIENT);
    // By now the first attempt has its answer, and the second one has none.
    await new Promise((resolve) => setTimeout(resolve, 2_500));

    expect(await use.row(write.id)).toMatchObject({ state: 'running', attempt: 2, failure: null });
    expect(await use.memoriesOf(write.asker.accountId)).toEqual([]);
    const job = await use.jobOf(jobId);
    expect(await job.getState()).toBe('active');
    expect(job.data).toHaveProperty('sealed');
    expect(replied).toBe(false);

    await use.stateIs(write.id, 'succeeded');
    expect(await use.memoriesOf(write.asker.accountId)).toHaveLength(1);
    expect((await reply)?.kind).toBe('settled');
    await Promise.all([busy.close(), other.close()]);
  });
});

/** Keeps what was sent. */
class KeptReplies extends ReplyOutbox {
  readonly sent: Reply[] = [];
  override async send(_address: string, reply: Reply): Promise<void> {
    this.sent.push(reply);
  }
  override async sendProgress(): Promise<void> {}
  override onCancel(): void {}
}

/** Runs one job of a single attempt, and what its worker does once `lose` has taken the job away. */
async function run(
  attemptOf: (lose: () => Promise<void>, jobId: string) => Attempt<string>,
  begin: 'begins' | 'cannot ask its row',
) {
  const outbox = new KeptReplies();
  const runner = new AttemptRunner(outbox, jobObserver, noRefusals, noOrder, {
    timeoutMs: 10_000,
    concurrency: 1,
    graceMs: 0,
  });
  runner.attend({ on: () => undefined } as never);
  const queryId = randomUUID();
  const jobId = jobIdOf(queryId, 1);
  const lose = async (): Promise<void> => {
    await redis.del(bench.queue('query').toKey(`${jobId}:lock`));
  };
  const ended = Promise.withResolvers<void>();
  const worker = new Worker(
    answerQuery.queue,
    async (job: Job, token?: string, signal?: AbortSignal) => {
      const active = { job, token, signal };
      await runner
        .run(answerQuery, active, async () => {
          if (begin === 'begins') return guardedByLock(active, attemptOf(lose, jobId));
          await lose();
          throw new Error('nobody knows');
        })
        .finally(ended.resolve);
    },
    {
      connection: queueConnection({ url: inject('redisUrl'), role: 'worker' }),
      prefix: prefixOf(answerQuery.queue, { prefix: PREFIX }),
    },
  ).on('error', () => undefined);
  const data = {
    v: 1,
    queryId,
    run: 1,
    accountId: randomUUID(),
    stored: false,
    llmAccount: 'caller',
    sealed: SEALED,
    replyTo: 'somebody',
    requestId: 'r',
  };
  await bench.queue('query').add(answerQuery.name, data, { jobId, attempts: 1 });
  await ended.promise;
  await worker.close();
  const job = (await bench.queue('query').getJob(jobId)) as Job | undefined;
  return { sent: outbox.sent, data: job?.data as unknown };
}

const attempt = (work: () => Promise<string>, jobId: string): Attempt<string> => ({
  isWaitedFor: () => Promise.resolve(true),
  deadlineAt: new Date(),
  work,
  complete: (answer) => Promise.resolve({ kind: 'answer', jobId, answer }),
  fail: (failure) => Promise.resolve({ kind: 'failure', jobId, failure }),
  handBack: () => Promise.resolve(true),
});

const fails = (lose: () => Promise<void>): Promise<string> =>
  lose().then(() => Promise.reject(new Error('x')));

describe('an attempt at a job without a row', () => {
  it('replies and wipes while it has its lock', async () => {
    const { sent, data } = await run(
      (_lose, jobId) => attempt(() => Promise.resolve('Lisbon'), jobId),
      'begins',
    );
    expect(sent).toMatchObject([{ kind: 'answer', answer: 'Lisbon' }]);
    expect(data).not.toHaveProperty('sealed');
  });

  it('neither replies nor wipes after it lost its lock', async () => {
    const { sent, data } = await run(
      (lose, jobId) => attempt(() => lose().then(() => 'Lisbon'), jobId),
      'begins',
    );
    expect(sent).toEqual([]);
    expect(data).toHaveProperty('sealed');
  });

  it('neither replies nor wipes when it fails after it lost its lock', async () => {
    const { sent, data } = await run((lose, jobId) => attempt(() => fails(lose), jobId), 'begins');
    expect(sent).toEqual([]);
    expect(data).toHaveProperty('sealed');
  });

  it('wipes nothing when the row cannot be read', async () => {
    const { data } = await run(() => {
      throw new Error('It does not begin');
    }, 'cannot ask its row');
    expect(data).toHaveProperty('sealed');
  });
});

const noOrder: FairOrder = {
  add: () => Promise.resolve(),
  arrange: () => Promise.resolve(),
  leave: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const nobody = { get: () => Promise.resolve(null), penalty: () => Promise.reject(new Error()) };
const noRefusals = new RefusedKeys(nobody, () => Promise.resolve());
const SEALED = 'v1.k.a.b.c';
