import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const bench = await perFile(workerBench('workers-shutdown'));
const use = extractionBench(bench);

describe('a worker whose job runs out of time', () => {
  let worker: INestApplicationContext;
  beforeAll(async () => {
    bench.simulator.reset();
    worker = await bench.startExtraction({ ATTEMPT_TIMEOUT_MS: '300' });
  });
  afterAll(() => worker.close());
  afterEach(() => bench.simulator.reset());

  it('stops at the deadline, and reports that the model was too slow', async () => {
    bench.simulator.script({ scenario: 'hang' });
    const { write, jobId } = await use.enqueue({ write: { waiting: true } });
    await use.jobIs(jobId, 'failed');
    expect((await use.row(write.id))?.failure?.code).toBe('llm_unavailable');
    await vi.waitFor(() => expect(bench.simulator.calls[0]).toHaveProperty('closedEarlyAt'), {
      timeout: 10_000,
    });
  });
});

describe('a worker that is shut down', () => {
  it('finishes the jobs that end within the grace period', async () => {
    bench.simulator.reset();
    const worker = await bench.startExtraction({ SHUTDOWN_GRACE_MS: '5000' });
    bench.simulator.script({ delayMs: 300 });
    const { write } = await use.enqueue();
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    await worker.close();
    expect((await use.row(write.id))?.state).toBe('succeeded');
  });

  it('hands back the others with their keys, and another worker finishes them', async () => {
    bench.simulator.reset();
    const first = await bench.startExtraction();
    bench.simulator.script({ scenario: 'hang' });
    const { write, jobId } = await use.enqueue();
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    await first.close();
    const job = await use.jobOf(jobId);
    expect(['waiting', 'prioritized']).toContain(await job.getState());
    expect(job.attemptsMade).toBe(0);
    expect(job.data).toHaveProperty('sealed');
    expect((await use.row(write.id))?.state).toBe('queued');
    await bench.startExtraction();
    await use.stateIs(write.id, 'succeeded');
  });
});
