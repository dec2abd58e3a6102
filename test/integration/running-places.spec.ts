import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import {
  type AnswerQuery,
  answerQuery,
  FairOrder,
  jobIdOf,
  JobProducer,
  JobsModule,
  prefixOf,
  queueConnection,
  RefusedKeys,
  type Reply,
  ReplyOutbox,
} from '@app/jobs';
import { jobObserver } from '@app/observability';
import { type Attempt, AttemptRunner, WORKER_OPTIONS } from '@app/worker';
import { getQueueToken } from '@nestjs/bullmq';
import { Test, type TestingModule } from '@nestjs/testing';
import { type Job, type Queue, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { type FreshDatabase, freshDatabase } from '../support/databases.js';

const CONCURRENCY = 20;
const FLOOD = 300;
const PATIENT = { timeout: 20_000, interval: 20 };

/** Hears what a worker tells, and cancels what a test wants to be cancelled. */
class KeptMessages extends ReplyOutbox {
  readonly replies: Reply[] = [];
  readonly alive = new Set<string>();
  #cancel: (jobId: string) => void = () => undefined;
  override async send(_address: string, reply: Reply): Promise<void> {
    this.replies.push(reply);
  }
  override async sendProgress(_address: string, { jobId }: { jobId: string }): Promise<void> {
    this.alive.add(jobId);
  }
  override onCancel(listener: (jobId: string) => void): void {
    this.#cancel = listener;
  }
  cancel(jobId: string): void {
    this.#cancel(jobId);
  }
}

const noRefusals = new RefusedKeys(
  { get: () => Promise.resolve(null), penalty: () => Promise.reject(new Error()) },
  () => Promise.resolve(),
);

describe.each(['Redis', 'Postgres'])('a worker with the queue on %s', (where) => {
  const prefix = `running-places-${where.toLowerCase()}`;
  let url: string;
  let database: FreshDatabase | undefined;
  let gateway: TestingModule;
  let queue: Queue;
  let outbox: KeptMessages;
  let runner: AttemptRunner;
  let worker: Worker;
  /** The jobs that run, and whose they are; each runs until it is released. */
  const running = new Map<string, { accountId: string; release: () => void }>();
  let begun: string[];

  beforeAll(async () => {
    database = where === 'Postgres' ? await freshDatabase() : undefined;
    url = database?.url ?? inject('redisUrl');
    gateway = await Test.createTestingModule({
      imports: [JobsModule.forGateway({ url, prefix })],
    }).compile();
    await gateway.init();
    queue = gateway.get<Queue>(getQueueToken(answerQuery.queue), { strict: false });
  });
  afterEach(async () => {
    for (const { release } of running.values()) release();
    await runner.drain(worker);
    await queue.obliterate({ force: true });
  });
  afterAll(async () => {
    await gateway.close();
    await database?.drop();
  });

  function attemptAt({ queryId, run, accountId }: AnswerQuery): Attempt<string> {
    const jobId = jobIdOf(queryId, run);
    return {
      isWaitedFor: () => Promise.resolve(true),
      deadlineAt: new Date(),
      work: async () => {
        const { promise, resolve: release } = Promise.withResolvers<void>();
        running.set(jobId, { accountId, release });
        begun.push(jobId);
        await promise;
        return 'done';
      },
      complete: (answer) => Promise.resolve({ kind: 'answer', jobId, answer }),
      fail: (failure) => Promise.resolve({ kind: 'failure', jobId, failure }),
      handBack: () => Promise.resolve(true),
    };
  }

  function start(): void {
    running.clear();
    begun = [];
    outbox = new KeptMessages();
    runner = new AttemptRunner(outbox, jobObserver, noRefusals, gateway.get(FairOrder), {
      timeoutMs: 60_000,
      concurrency: CONCURRENCY,
      graceMs: 0,
    });
    worker = new Worker(
      answerQuery.queue,
      async (job: Job, token?: string, signal?: AbortSignal) => {
        await runner
          .run(answerQuery, { job, token, signal }, (payload) =>
            Promise.resolve(attemptAt(payload)),
          )
          .finally(() => running.delete(job.id ?? ''));
      },
      {
        ...WORKER_OPTIONS,
        connection: queueConnection({ url, role: 'worker' }),
        prefix: prefixOf(answerQuery.queue, { prefix }),
      },
    ).on('error', () => undefined);
    runner.attend(worker);
  }

  async function add(accountId: string, count = 1): Promise<readonly string[]> {
    const jobs = Array.from({ length: count }, () => randomUUID());
    for (const queryId of jobs)
      await gateway.get(JobProducer).answer({
        v: 1,
        queryId,
        run: 1,
        accountId,
        stored: false,
        llmAccount: 'bundled',
        sealed: 'v1.k.a.b.c' as never,
        replyTo: 'a-gateway',
        requestId: 'r',
      });
    return jobs.map((queryId) => jobIdOf(queryId, 1));
  }

  const runningOf = (account: string): number =>
    [...running.values()].filter(({ accountId }) => accountId === account).length;

  it('runs as many jobs of one account as its limit, and no more', async () => {
    const busy = randomUUID();
    start();
    await add(busy, FLOOD);
    await vi.waitFor(() => expect(runningOf(busy)).toBe(CONCURRENCY), PATIENT);
    await delay(1_500);
    expect(runningOf(busy)).toBe(CONCURRENCY);
  });

  it('starts another account’s jobs at once while a slow model blocks those of the first', async () => {
    const [busy, other] = [randomUUID(), randomUUID()];
    start();
    await add(busy, FLOOD);
    await vi.waitFor(() => expect(runningOf(busy)).toBe(CONCURRENCY), PATIENT);
    const [single] = await add(other);
    await vi.waitFor(() => expect(begun).toContain(single), { timeout: 5_000, interval: 20 });
    await add(other, 3);
    await vi.waitFor(() => expect(runningOf(other)).toBe(4), { timeout: 5_000, interval: 20 });
    expect(runningOf(busy)).toBe(CONCURRENCY);
  });

  it('runs every job once, and waiting for a place costs no attempt', async () => {
    const busy = randomUUID();
    start();
    const all = await add(busy, 60);
    await vi.waitFor(() => expect(runningOf(busy)).toBe(CONCURRENCY), PATIENT);
    await delay(1_500);
    const releasing = setInterval(() => {
      for (const { release } of running.values()) release();
    }, 20);
    await vi.waitFor(() => expect(outbox.replies).toHaveLength(60), PATIENT);
    clearInterval(releasing);
    expect(begun.toSorted()).toEqual(all.toSorted());
    for (const reply of outbox.replies) expect(reply).toMatchObject({ kind: 'answer' });
  });

  it('sends heartbeats for a job that waits for a place, and ends the job when it is cancelled', async () => {
    const busy = randomUUID();
    start();
    await add(busy, CONCURRENCY);
    await vi.waitFor(() => expect(runningOf(busy)).toBe(CONCURRENCY), PATIENT);
    const [waiting = ''] = await add(busy);
    await vi.waitFor(() => expect(outbox.alive).toContain(waiting), PATIENT);
    outbox.cancel(waiting);
    await vi.waitFor(async () => {
      const job = (await queue.getJob(waiting)) as Job | undefined;
      expect([undefined, 'failed']).toContain(job && (await job.getState()));
      expect((job?.data as object | undefined) ?? {}).not.toHaveProperty('sealed');
    }, PATIENT);
    expect(begun).not.toContain(waiting);
  });

  it('hands back jobs that wait for a place at shutdown, without spending an attempt', async () => {
    const busy = randomUUID();
    start();
    await add(busy, CONCURRENCY);
    await vi.waitFor(() => expect(runningOf(busy)).toBe(CONCURRENCY), PATIENT);
    const [waiting = ''] = await add(busy);
    await vi.waitFor(() => expect(outbox.alive).toContain(waiting), PATIENT);
    await runner.drain(worker);
    const job = (await queue.getJob(waiting)) as Job | undefined;
    expect(job).toMatchObject({ attemptsMade: 0, data: { sealed: expect.any(String) } });
    expect(await job?.getState()).toBe('delayed');
    expect(begun).not.toContain(waiting);
  });
});
