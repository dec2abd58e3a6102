import { randomUUID } from 'node:crypto';

import { answerQuery, extractMemories, jobIdOf, verifyLlm } from '@app/jobs';
import { metrics } from '@app/observability';
import { Job, UnrecoverableError, Worker } from 'bullmq';
import { describe, expect, inject, it, vi } from 'vitest';

import { CALLER_KEY, extractionBench } from '../support/extraction-bench.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const PREFIX = 'byo-wiped';
const QUEUES = [extractMemories, answerQuery, verifyLlm].map(({ queue }) => queue);

const bench = await perFile(workerBench(PREFIX));
const use = extractionBench(bench);

async function wipedCount(): Promise<Record<string, number>> {
  const { values } = await metrics.sealedTargetsWiped.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.queue), value]));
}

describe('the envelopes of ended jobs', () => {
  it('are gone after normal runs, and the metric counts no wipe', async () => {
    const worker = await bench.startExtraction({ RECONCILE_INTERVAL_MS: '100' });
    const good = await use.enqueue({ keepCompleted: true });
    const refused = await use.enqueue({ key: 'sk-wrong-0123456789abcdef' });
    const lost = await use.enqueue({ payload: { sealed: undefined } });
    await use.jobIs(good.jobId, 'completed');
    for (const { jobId } of [refused, lost]) await use.jobIs(jobId, 'failed');
    for (const { jobId } of [good, refused, lost])
      expect((await use.jobOf(jobId)).data).not.toHaveProperty('sealed');
    await vi.waitFor(async () =>
      expect(Object.keys(await wipedCount()).toSorted()).toEqual(QUEUES.toSorted()),
    );
    await worker.close();
    expect(Object.values(await wipedCount())).toEqual([0, 0, 0]);
  });

  it('are deleted with jobs that succeed, and wiped before only if a call waits', async () => {
    const worker = await bench.startExtraction();
    const wiped = vi.spyOn(Job.prototype, 'updateData');
    const wipedIds = (): readonly (string | undefined)[] =>
      wiped.mock.contexts.map((job) => (job as Job).id);
    const unheard = await use.enqueue();
    await use.stateIs(unheard.write.id, 'succeeded');
    const waited = await use.enqueue({ payload: { replyTo: bench.inbox.address } });
    await use.stateIs(waited.write.id, 'succeeded');
    for (const { jobId } of [unheard, waited])
      await vi.waitFor(async () => expect(await use.queue.getJob(jobId)).toBeUndefined());
    expect(wipedIds()).toEqual([waited.jobId]);
    wiped.mockRestore();
    await worker.close();
  });

  it('are wiped if the job was not deleted after its row ended', async () => {
    await use.queue.pause();
    const { write, jobId } = await use.enqueue();
    const failure = { code: 'internal', detail: 'It failed.' } as const;
    await use.writes.lifecycle.fail('write', [{ job: { id: write.id, run: 1 }, failure }]);
    const wiped = vi.spyOn(Job.prototype, 'updateData');
    const worker = await bench.startExtraction();
    await use.queue.resume();
    await vi.waitFor(async () => expect(await use.queue.getJob(jobId)).toBeUndefined());
    expect(wiped.mock.contexts.map((job) => (job as Job).id)).toEqual([jobId]);
    wiped.mockRestore();
    await worker.close();
  });

  it('are wiped and counted by upkeep when one is left, in every queue', async () => {
    // A worker that ends its jobs as no worker of ours does: key and all.
    const left: { queue: string; jobId: string }[] = [];
    for (const queue of QUEUES) {
      const at = bench.queue(queue);
      const jobId = jobIdOf(randomUUID(), 1);
      const accountId = randomUUID();
      const sealed = bench.sealer.seal(
        { target: bench.target(CALLER_KEY), expiresAt: new Date(Date.now() + 60_000) },
        { queue, jobId, accountId },
      );
      await at.add('left', { v: 1, run: 1, sealed }, { jobId, removeOnFail: false });
      const careless = new Worker(
        queue,
        () => Promise.reject(new UnrecoverableError('llm_auth_failed')),
        {
          connection: { url: inject('redisUrl'), maxRetriesPerRequest: null },
          prefix: at.opts.prefix!,
        },
      );
      await vi.waitFor(async () => expect(await at.getJobState(jobId)).toBe('failed'), {
        timeout: 10_000,
      });
      await careless.close();
      expect((await at.getJob(jobId))?.data).toHaveProperty('sealed');
      left.push({ queue, jobId });
    }
    const before = await wipedCount();
    const worker = await bench.startExtraction({ RECONCILE_INTERVAL_MS: '100' });
    for (const { queue, jobId } of left) {
      await vi.waitFor(async () =>
        expect((await bench.queue(queue).getJob(jobId))?.data).toEqual({ v: 1, run: 1 }),
      );
    }
    await worker.close();
    const after = await wipedCount();
    expect(QUEUES.map((queue) => after[queue]! - before[queue]!)).toEqual([1, 1, 1]);
  });

  it('are kept while the job will still run', async () => {
    bench.simulator.script({ scenario: 'rate-limited-requests' });
    const worker = await bench.startExtraction({ RECONCILE_INTERVAL_MS: '50' });
    const { jobId } = await use.enqueue();
    await use.jobIs(jobId, 'delayed');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await worker.close();
    expect((await use.jobOf(jobId)).data).toHaveProperty('sealed');
  });
});
