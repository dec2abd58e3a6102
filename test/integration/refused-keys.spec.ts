import { randomUUID } from 'node:crypto';

import { AppError } from '@app/errors';
import { type JobProducer, JobsModule, jobIdOf, RefusedKeys, verifyLlm } from '@app/jobs';
import type { DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  vi,
} from 'vitest';

import { startGateway } from '../support/gateway.js';
import { freshDatabase, type FreshDatabase } from '../support/databases.js';
import { type WorkerBench, workerBench } from '../support/workers.js';

const ALLOWED = 10;
async function start(module: DynamicModule, processes: TestingModule[]): Promise<RefusedKeys> {
  const process = await Test.createTestingModule({ imports: [module] }).compile();
  processes.push(process);
  return process.get(RefusedKeys);
}

const refuse = async (keys: RefusedKeys, under: string, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) await keys.count(under);
};
const limited = { code: 'rate_limited', limit: { name: 'refused-keys', quota: ALLOWED } };

describe('the counter in Redis', () => {
  it('expires after a minute', async () => {
    const prefix = `refused-${randomUUID()}`;
    const process = await Test.createTestingModule({
      imports: [JobsModule.forWorker({ url: inject('redisUrl'), prefix })],
    }).compile();
    const keys = process.get(RefusedKeys);
    for (let time = 0; time < ALLOWED; time += 1) await keys.count('a-caller');
    await expect(keys.check('a-caller')).rejects.toMatchObject(limited);
    const redis = new Redis(inject('redisUrl'));
    expect(await redis.keys(`${prefix}:refused*`)).toEqual([`${prefix}:refused-keys:a-caller`]);
    expect(await redis.ttl(`${prefix}:refused-keys:a-caller`)).toBeGreaterThan(50);
    await redis.pexpire(`${prefix}:refused-keys:a-caller`, 1);
    await vi.waitFor(() => keys.check('a-caller'), { timeout: 10_000 });
    await redis.quit();
    await process.close();
  });

  it('does not block the queue when it fails', async () => {
    const gateway = await startGateway({ QUEUE_URL: inject('redisUrl') });
    const counter = gateway.app.get(RefusedKeys, { strict: false });
    await counter.close();
    const llm = { provider: 'openai', model: 'gpt-5', key: 'sk-caller-0123456789abcdef' };
    const { status, json } = await gateway.send('/agent/memories', {
      body: { messages: [{ role: 'user', content: 'Hi' }], llm },
      headers: { prefer: 'respond-async' },
    });
    expect({ status, code: json.code }).toEqual({ status: 202, code: undefined });
    await gateway.close();
  });
});

describe('a worker that cannot read the counter', () => {
  let bench: WorkerBench;
  beforeEach(async () => {
    bench = await workerBench(`refused-${randomUUID()}`);
  });
  afterEach(() => bench.close());

  it('makes no call', async () => {
    const worker = await bench.startQuery();
    await worker.get(RefusedKeys, { strict: false }).close();
    const job: Parameters<JobProducer['verify']>[0] = {
      v: 1,
      verificationId: randomUUID(),
      run: 1,
      accountId: randomUUID(),
      sealed: '' as never,
      refusalsUnder: 'a-caller',
      replyTo: bench.inbox.address,
      requestId: 'r',
    };
    const jobId = jobIdOf(job.verificationId, 1);
    const sealed = bench.sealer.seal(
      {
        target: bench.target('sk-caller-0123456789abcdef'),
        expiresAt: new Date(Date.now() + 60_000),
      },
      { queue: verifyLlm.queue, jobId, accountId: job.accountId },
    );
    const reply = await bench.replyTo(jobId, () => bench.producer.verify({ ...job, sealed }));
    expect(reply).toMatchObject({ kind: 'failure', failure: { code: 'unavailable' } });
    expect(bench.simulator.calls).toEqual([]);
  });
});

// Last, and Postgres last of all: BullMQ's way there is set for the whole process.
describe.each(['redis', 'postgres'] as const)('the counter of rejected keys on %s', (queue) => {
  let database: FreshDatabase;
  let processes: TestingModule[] = [];
  let gateway: RefusedKeys;
  let worker: RefusedKeys;

  beforeAll(async () => {
    database = await freshDatabase();
    const url = queue === 'redis' ? inject('redisUrl') : database.url;
    const settings = { url, prefix: `refused-${randomUUID()}` };
    // Both at once, as the launcher does.
    [worker, gateway] = await Promise.all([
      start(JobsModule.forWorker(settings), processes),
      start(JobsModule.forGateway(settings), processes),
    ]);
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.close()));
    processes = [];
    await database.drop();
  });

  it('is shared by processes, and stops the eleventh attempt', async () => {
    const under = randomUUID();
    await refuse(worker, under, ALLOWED - 1);
    await gateway.check(under);
    await refuse(worker, under, 1);
    const stopped = await gateway.check(under).catch((error: unknown) => error);
    expect(stopped).toMatchObject(limited);
    const { retryAfterMs } = stopped as AppError;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    await gateway.check(randomUUID());
  });

  it('counts every one of many concurrent rejections', async () => {
    const under = randomUUID();
    await Promise.all(Array.from({ length: ALLOWED }, () => worker.count(under)));
    await expect(gateway.check(under)).rejects.toMatchObject(limited);
  });

  it('allows no more concurrent attempts than rejections that are left', async () => {
    const under = randomUUID();
    await refuse(worker, under, 1);
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const work = vi.fn<() => Promise<void>>(() => over);
    const stopped: unknown[] = [];
    const burst = Array.from({ length: 50 }, () =>
      worker.guard(under, work).catch((reason: unknown) => stopped.push(reason)),
    );
    // All of them have tried by then: an attempt after the end of another one would find its place free.
    await vi.waitFor(() => expect(stopped).toHaveLength(50 - (ALLOWED - 1)), 10_000);
    end();
    await Promise.all(burst);
    for (const reason of stopped) expect(reason).toMatchObject(limited);
    expect(work).toHaveBeenCalledTimes(ALLOWED - 1);
  });

  it('stops an attempt before its call, and counts a rejection by a provider', async () => {
    const under = randomUUID();
    let calls = 0;
    const attempt = (code: 'llm_auth_failed' | 'llm_unavailable') =>
      worker.guard(under, () => {
        calls += 1;
        return Promise.reject(new AppError(code, 'No.'));
      });
    for (let time = 0; time < ALLOWED; time += 1) {
      await expect(attempt('llm_unavailable')).rejects.toMatchObject({
        code: 'llm_unavailable',
      });
      await expect(attempt('llm_auth_failed')).rejects.toMatchObject({
        code: 'llm_auth_failed',
      });
    }
    expect(calls).toBe(2 * ALLOWED);
    await expect(attempt('llm_unavailable')).rejects.toMatchObject(limited);
    expect(calls).toBe(2 * ALLOWED);
  });
});
