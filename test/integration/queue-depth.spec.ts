import { randomUUID } from 'node:crypto';

import { extractMemories, JobsModule } from '@app/jobs';
import { metrics } from '@app/observability';
import { getQueueToken } from '@nestjs/bullmq';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { exportQueueDepth } from '../../apps/ops/src/queue-depth.js';

let ops: TestingModule;
let queue: Queue;

beforeAll(async () => {
  ops = await Test.createTestingModule({
    imports: [JobsModule.forOps({ url: inject('redisUrl'), prefix: `depth-${randomUUID()}` })],
  }).compile();
  queue = ops.get<Queue>(getQueueToken(extractMemories.queue), { strict: false });
  exportQueueDepth([queue]);
});
afterAll(async () => {
  await queue.obliterate({ force: true });
  await ops.close();
});

/** The depth of the queue in the metrics of ops. */
async function exported() {
  const text = await metrics.registry.metrics();
  const value = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
  return {
    prioritized: value(/aurra_queue_jobs\{queue="extraction",state="prioritized"\} (\S+)/),
    oldest: value(/aurra_queue_oldest_seconds\{queue="extraction"\} (\S+)/),
  };
}

const ago = (seconds: number): number => Date.now() - seconds * 1_000;

describe('the queue metrics that ops exports for scaling', () => {
  it('count jobs that may run, with the age of the oldest one', async () => {
    expect(await exported()).toEqual({ prioritized: 0, oldest: 0 });
    await queue.add('a', {}, { priority: 1, timestamp: ago(10) });
    await queue.add('b', {}, { priority: 2, timestamp: ago(100) });
    const { prioritized, oldest } = await exported();
    expect(prioritized).toBe(2);
    expect(Math.round(oldest / 10)).toBe(10);
  });
});
