import { CONTRACTS, prefixOf } from '@app/jobs';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { chatParts, hostileBench } from '../support/hostile-bench.js';
import { perFile } from '../support/per-file.js';

const QUESTION = 'Where did Robin move?';
const NONSENSE = ['x', '{}', 'null', '[]', '{"kind":"answer"}', '"', '{"kind":7,"jobId":{}}'];

let redis: Redis;
let queue: Queue;

const bench = await perFile(hostileBench());

beforeAll(async () => {
  redis = new Redis(inject('redisUrl'));
  const name = CONTRACTS.find((contract) => contract.name === 'answer-query')?.queue ?? '';
  const prefix = prefixOf(name, { prefix: bench.product.queuePrefix });
  queue = new Queue(name, { connection: { url: inject('redisUrl') }, prefix });
  await bench.attacker.call('/agent/memories', { body: { content: 'Robin moved to Rome.' } });
});
afterAll(async () => {
  await queue.close();
  redis.disconnect();
});

describe('a program with write access to Redis', () => {
  it('crashes no gateway and no worker with unknown messages', async () => {
    await bench.whileOthersAreServed(async () => {
      const channels = (await redis.pubsub('CHANNELS', '*')) as string[];
      expect(channels.filter((channel) => channel.startsWith('replies:'))).not.toEqual([]);
      for (const channel of channels)
        for (const words of NONSENSE) await redis.publish(channel, words);
      await delay(1_000);
    });
  });

  it('cannot have the envelope of a question opened twice', async () => {
    const parts = chatParts([['Rome [mem-1].', 1]]);
    const llm = bench.llm({ id: 'replayed', delayMs: 2_000, parts });
    const asked = bench.attacker.call('/agent/query', { body: { question: QUESTION, llm } });
    const seen = await vi.waitFor(
      async () => {
        const [job] = (await queue.getActive()).filter(({ data }) => 'sealed' in data);
        expect(job).toBeDefined();
        return job;
      },
      { timeout: 5_000, interval: 20 },
    );
    const id = seen?.id ?? '';
    const copy = structuredClone(seen?.data ?? {});
    expect((await asked).status).toBe(200);
    for (const jobId of [id, `${id}0`, 'another'])
      await queue.add('answer-query', copy, { jobId, priority: 1, removeOnComplete: true });
    await vi.waitFor(
      async () => expect(await queue.getJobCountByTypes('prioritized', 'active')).toBe(0),
      {
        timeout: 20_000,
      },
    );
    expect(await bench.callsOf('replayed')).toBe(1);
  });
});
