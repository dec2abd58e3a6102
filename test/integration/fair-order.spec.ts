import { randomUUID } from 'node:crypto';

import { extractMemories, FairOrder, JobProducer, JobsModule } from '@app/jobs';
import { handBack } from '@app/worker';
import { getQueueToken } from '@nestjs/bullmq';
import { Test, type TestingModule } from '@nestjs/testing';
import { DelayedError, type Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { type FreshDatabase, freshDatabase } from '../support/databases.js';
import { ServedOrder } from '../support/served-order.js';

/** The number of jobs that may run before a single write of another account. */
const A_FEW = 3;

describe.each(['Redis', 'Postgres'])('the order of jobs, with the queue on %s,', (where) => {
  const prefix = `fair-order-${where.toLowerCase()}`;
  const FLOOD = where === 'Redis' ? 2_000 : 200;
  let database: FreshDatabase | undefined;
  let gateway: TestingModule;
  let order: ServedOrder;
  let busy: string;
  let other: string;

  beforeAll(async () => {
    database = where === 'Postgres' ? await freshDatabase() : undefined;
    const url = database?.url ?? inject('redisUrl');
    gateway = await Test.createTestingModule({
      imports: [JobsModule.forGateway({ url, prefix })],
    }).compile();
    await gateway.init();
    const queue = gateway.get<Queue>(getQueueToken(extractMemories.queue), { strict: false });
    order = new ServedOrder({ url, prefix, queue, producer: gateway.get(JobProducer) });
  });
  afterEach(() => order.stop());
  afterAll(async () => {
    await gateway.close();
    await database?.drop();
  });
  const accounts = (): void => {
    [busy, other] = [randomUUID(), randomUUID()];
  };

  it('puts a single write a few jobs after its arrival, however many another account has queued', async () => {
    accounts();
    const theirs = await order.add(busy, FLOOD);
    const [single] = await order.add(other);
    order.start();
    await order.until(FLOOD + 1);
    expect(order.placeOf(single)).toBeLessThanOrEqual(A_FEW);
    expect(order.of(busy)).toEqual(theirs);
  });

  it('does so, too, when half of the others have run', async () => {
    accounts();
    const theirs = await order.add(busy, FLOOD);
    let single: string | undefined;
    order.start(async () => {
      if (order.served.length === FLOOD / 2) [single] = await order.add(other);
    });
    await order.until(FLOOD + 1);
    expect(order.placeOf(single)).toBeGreaterThanOrEqual(FLOOD / 2);
    expect(order.placeOf(single)).toBeLessThanOrEqual(FLOOD / 2 + A_FEW);
    expect(order.of(busy)).toEqual(theirs);
  });

  it('alternates between two accounts with many jobs, each in order of arrival', async () => {
    accounts();
    const [mine, yours] = [await order.add(busy, 40), await order.add(other, 40)];
    order.start();
    await order.until(80);
    expect([order.of(busy), order.of(other)]).toEqual([mine, yours]);
    for (let pair = 2; pair < 80; pair += 2)
      expect(new Set(order.served.slice(pair, pair + 2).map((one) => one.accountId)).size).toBe(2);
  });

  it('does not hold earlier jobs that have run against an account', async () => {
    accounts();
    await order.add(busy, 100);
    order.start();
    await order.until(100);
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    await order.stop();
    order.start(() => mayGoOn);
    await order.add(randomUUID());
    await order.until(1);
    await order.add(other, 100);
    const [single] = await order.add(busy);
    goOn();
    await order.until(102);
    expect(order.placeOf(single)).toBeLessThanOrEqual(A_FEW);
  });

  it('puts a job that was handed back first, and wakes an idle worker', async () => {
    accounts();
    const theirs = await order.add(busy, 3);
    let handedBack = false;
    order.start(async (job, token) => {
      if (handedBack || order.served.length < 3) return;
      handedBack = true;
      throw await handBack(job, token);
    });
    await order.until(4);
    expect(order.of(busy)).toEqual([...theirs, theirs[2]]);
  });

  it.each(where === 'Redis' ? ['new jobs'] : [])(
    'delays another account’s write by many retries no longer than by as many %s',
    async () => {
      accounts();
      const fair = gateway.get(FairOrder);
      const due = Date.now() + 1_500;
      const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
      const begun = new Set<string>();
      const gate = randomUUID();
      order.start(async (job, token) => {
        if (job.data.accountId === gate) await mayGoOn;
        if (job.data.accountId !== busy || begun.has(job.data.writeId)) return;
        begun.add(job.data.writeId);
        await fair.leave(job);
        await job.moveToDelayed(due, token);
        throw new DelayedError();
      });
      await order.add(busy, 50);
      await order.until(50);
      await order.add(gate);
      await order.until(51);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
      const [single] = await order.add(other);
      goOn();
      await order.until(102);
      expect(order.placeOf(single)).toBeLessThanOrEqual(51 + A_FEW);
    },
  );
});
