import { randomUUID } from 'node:crypto';

import { CONTRACTS, extractMemories, FairOrder, type JobContract, JobsModule } from '@app/jobs';
import { getQueueToken } from '@nestjs/bullmq';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { queueContents } from '../support/queue-contents.js';

interface Side {
  readonly module: TestingModule;
  queueOf(contract: JobContract): Queue;
  contents(contract: JobContract): Promise<Readonly<Record<string, unknown>>>;
}

const [ADA, BEN] = [randomUUID(), randomUUID()];
/** The places that the jobs below get in an empty queue. */
const PLACES = [1, 1, 2];
const jobs = [ADA, BEN, ADA].map((accountId, index) => ({
  id: `${randomUUID()}.1`,
  data: { v: 1, accountId, sealed: 'v1.k.a.b.c', requestId: `é "${index}"` },
}));

async function open(prefix: string): Promise<Side> {
  const url = inject('redisUrl');
  const module = await Test.createTestingModule({
    imports: [JobsModule.forGateway({ url, prefix })],
  }).compile();
  await module.init();
  const queueOf = ({ queue }: JobContract): Queue =>
    module.get<Queue>(getQueueToken(queue), { strict: false });
  return { module, queueOf, contents: (contract) => queueContents(url, queueOf(contract)) };
}

let ours: Side;
let theirs: Side;
let redis: Redis;

/** Adds the jobs as the product does. */
const add = (contract: JobContract, added = jobs): Promise<void> =>
  ours.module.get(FairOrder).add(ours.queueOf(contract), { ...contract, jobs: added });

/** Adds the jobs through BullMQ, at the same places. */
const addByBullMq = async (contract: JobContract): Promise<void> => {
  const { name, options } = contract;
  await theirs.queueOf(contract).addBulk(
    jobs.map(({ id, data }, index) => ({
      name,
      data,
      opts: { ...options, jobId: id, priority: PLACES[index]! },
    })),
  );
};

const priorities = async (): Promise<readonly number[]> => {
  const waiting = (await ours.queueOf(extractMemories).getPrioritized()) as Job[];
  return waiting.map(({ priority }) => priority);
};

beforeAll(async () => {
  redis = new Redis(inject('redisUrl'));
  [ours, theirs] = [await open('add-jobs-ours'), await open('add-jobs-theirs')];
});
afterEach(async () => {
  for (const side of [ours, theirs])
    for (const contract of CONTRACTS) {
      await side.queueOf(contract).resume();
      await side.queueOf(contract).removeGlobalConcurrency();
      await side.queueOf(contract).obliterate({ force: true });
      await redis.del(side.queueOf(contract).toKey('fair-order'));
    }
});
afterAll(async () => {
  await ours.module.close();
  await theirs.module.close();
  redis.disconnect();
});

describe('jobs that the script added', () => {
  it.each(CONTRACTS)('are in Redis as BullMQ adds them: $name', async (contract) => {
    await add(contract);
    await addByBullMq(contract);
    const { 'fair-order': places, ...rest } = await ours.contents(contract);
    expect(rest).toEqual(await theirs.contents(contract));
    expect(rest).toMatchObject({ marker: ['0', '0'], pc: '3', id: '3' });
    expect(places).toEqual(['', '1', BEN, '1', ADA, '2']);
  });

  it('are ignored if they are known, as BullMQ ignores them', async () => {
    await add(extractMemories);
    await add(extractMemories, [jobs[1]!, ...jobs]);
    for (let time = 0; time < 2; time += 1) await addByBullMq(extractMemories);
    const { 'fair-order': places, id: ids, ...rest } = await ours.contents(extractMemories);
    const { id: _ids, ...expected } = await theirs.contents(extractMemories);
    expect(rest).toEqual(expected);
    expect(ids).toBe('7');
    expect(places).toEqual(['', '1', BEN, '1', ADA, '2']);
  });

  it('are added once when a batch has one of them twice', async () => {
    await add(extractMemories, [jobs[0]!, jobs[0]!, jobs[2]!]);
    expect(await priorities()).toEqual([1, 2]);
  });

  it('wake no worker while the queue is paused or has all its jobs, as BullMQ wakes none', async () => {
    for (const hold of [
      (queue: Queue) => queue.pause(),
      async (queue: Queue) => {
        await queue.setGlobalConcurrency(1);
        await redis.lpush(queue.toKey('active'), 'a-job');
      },
    ]) {
      for (const side of [ours, theirs]) {
        await side.queueOf(extractMemories).obliterate({ force: true });
        await hold(side.queueOf(extractMemories));
      }
      await add(extractMemories);
      await addByBullMq(extractMemories);
      const { 'fair-order': _places, ...rest } = await ours.contents(extractMemories);
      expect(rest).not.toHaveProperty('marker');
      expect(rest).toEqual(await theirs.contents(extractMemories));
    }
  });

  it('are the same objects for the board and for workers', async () => {
    await add(extractMemories);
    await addByBullMq(extractMemories);
    const [shown, expected] = await Promise.all(
      [ours, theirs].map(async (side) => {
        const found = (await side.queueOf(extractMemories).getJobs(['prioritized'])) as Job[];
        return found.map((job) => ({ ...job.asJSON(), timestamp: typeof job.timestamp }));
      }),
    );
    expect(shown).toEqual(expected);
    expect(shown).toHaveLength(jobs.length);
  });
});

describe('the script', () => {
  it('is sent again after Redis has lost it', async () => {
    await add(extractMemories, [jobs[0]!]);
    await redis.script('FLUSH');
    await add(extractMemories, [jobs[1]!, jobs[2]!]);
    expect(await priorities()).toEqual(PLACES);
  });

  it('keeps the order of more jobs than one run adds', async () => {
    const many = Array.from({ length: 1_203 }, (_, index) => ({
      id: `${randomUUID()}.1`,
      data: { ...jobs[0]!.data, accountId: index % 3 === 0 ? BEN : ADA },
    }));
    await add(extractMemories, many);
    const waiting = (await ours.queueOf(extractMemories).getPrioritized()) as Job[];
    const sent = (account: string) =>
      many.filter(({ data }) => data.accountId === account).map(({ id }) => id);
    for (const account of [ADA, BEN]) {
      const mine = waiting.filter(
        ({ data }) => (data as { accountId?: string }).accountId === account,
      );
      expect(mine.map(({ id }) => id)).toEqual(sent(account));
      expect(mine.map(({ priority }) => priority)).toEqual(mine.map((_, index) => index + 1));
    }
  });

  it('gives a place to jobs that wait without one', async () => {
    await add(extractMemories);
    const [first] = (await ours.queueOf(extractMemories).getPrioritized()) as Job[];
    await ours.module.get(FairOrder).leave(first!);
    await add(extractMemories, [{ ...jobs[1]!, id: `${randomUUID()}.1` }]);
    await expect.poll(priorities).toEqual([1, 2, 2, 3]);
  });
});
