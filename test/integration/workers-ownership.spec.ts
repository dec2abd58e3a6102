import { extractMemories } from '@app/jobs';
import { aFact, extracted } from '@app/memory/testing';
import { queueWorkerToken } from '@app/worker';
import type { WorkerHost } from '@nestjs/bullmq';
import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const bench = await perFile(workerBench('workers-ownership'));
const use = extractionBench(bench);

describe('a job with more than one attempt', () => {
  let worker: INestApplicationContext;
  beforeAll(async () => {
    worker = await bench.startExtraction();
  });
  afterAll(() => worker.close());
  afterEach(() => bench.simulator.reset());

  it('stores once when two attempts work on it', async () => {
    bench.simulator.script({ delayMs: 1_000 });
    const { write, jobId } = await use.enqueue({ keepCompleted: true });
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    const second = await use.writes.claim(write.id, 1);
    if (!second) throw new Error('The write could not be claimed');
    expect(await use.writes.complete(second, extracted([aFact({ text: 'Ana moved.' })]))).toBe(
      true,
    );
    await use.jobIs(jobId, 'completed');
    expect(await use.memoriesOf(write.asker.accountId)).toEqual([{ text: 'Ana moved.' }]);
    // The first attempt did not own the row any more, so it wiped nothing.
    expect((await use.jobOf(jobId)).data).toHaveProperty('sealed');
  });

  it('is stopped when its lock is lost, and runs again', async () => {
    bench.simulator.script({ scenario: 'hang' });
    const { write, jobId } = await use.enqueue();
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    worker
      .get<WorkerHost>(queueWorkerToken(extractMemories))
      .worker.emit('lockRenewalFailed', [jobId]);
    await use.stateIs(write.id, 'succeeded');
    expect(bench.simulator.calls[0]).toHaveProperty('closedEarlyAt');
    expect(bench.simulator.calls.length).toBeGreaterThan(1);
  });

  it('fails after it stalled three times', async () => {
    await use.queue.pause();
    const { write, jobId } = await use.enqueue();
    const redis = new Redis(inject('redisUrl'));
    await redis.hset(use.queue.toKey(jobId), 'stc', 3);
    await redis.quit();
    await use.queue.resume();
    await use.jobIs(jobId, 'failed');
    expect((await use.row(write.id))?.failure?.code).toBe('unavailable');
    expect((await use.jobOf(jobId)).data).not.toHaveProperty('sealed');
    expect(bench.simulator.calls).toEqual([]);
  });
});
