import { JobsModule, ReplyInbox, ReplyOutbox, type Reply } from '@app/jobs';
import { Test, type TestingModule } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../support/databases.js';

const answer = (jobId: string): Reply => ({
  kind: 'answer',
  jobId,
  answer: { text: 'In Lisbon [mem-1].' },
});

/** The promise is the same on both queues. */
describe.each(['redis', 'postgres'] as const)('replies over %s', (kind) => {
  let database: FreshDatabase;
  let gateway: TestingModule;
  let worker: TestingModule;
  let inbox: ReplyInbox;
  let outbox: ReplyOutbox;

  beforeAll(async () => {
    database = await freshDatabase();
    const settings = {
      url: kind === 'redis' ? inject('redisUrl') : database.url,
      prefix: `replies-${kind}`,
    };
    gateway = await Test.createTestingModule({
      imports: [JobsModule.forGateway(settings)],
    }).compile();
    worker = await Test.createTestingModule({
      imports: [JobsModule.forWorker(settings)],
    }).compile();
    await Promise.all([gateway.init(), worker.init()]);
    inbox = gateway.get(ReplyInbox);
    outbox = worker.get(ReplyOutbox);
  });

  afterAll(async () => {
    await gateway.close();
    await worker.close();
    await database.drop();
  });

  it('reach who waits', async () => {
    const jobId = randomUUID();
    using expected = inbox.expect(jobId);
    await outbox.send(inbox.address, answer(jobId));
    expect(await expected.reply(10_000)).toEqual(answer(jobId));
  });

  it('reach each waiter of many its own', async () => {
    const jobIds = Array.from({ length: 50 }, () => randomUUID());
    const expected = jobIds.map((jobId) => inbox.expect(jobId));
    await Promise.all(jobIds.map((jobId) => outbox.send(inbox.address, answer(jobId))));
    const replies = await Promise.all(expected.map((one) => one.reply(10_000)));
    expect(replies.map((reply) => reply?.jobId)).toEqual(jobIds);
    for (const one of expected) one[Symbol.dispose]();
  });
});

describe('a reply that was sent while the gateway’s connection was cut', () => {
  it('is found all the same', async () => {
    const settings = { url: inject('redisUrl'), prefix: 'replies-cut' };
    const gateway = await Test.createTestingModule({
      imports: [JobsModule.forGateway(settings)],
    }).compile();
    const worker = await Test.createTestingModule({
      imports: [JobsModule.forWorker(settings)],
    }).compile();
    await Promise.all([gateway.init(), worker.init()]);
    const redis = new Redis(settings.url);
    try {
      const inbox = gateway.get(ReplyInbox);
      const jobId = randomUUID();
      using expected = inbox.expect(jobId);
      await redis.client('KILL', 'TYPE', 'pubsub');
      await worker.get(ReplyOutbox).send(inbox.address, answer(jobId));
      expect(await expected.reply(10_000)).toEqual(answer(jobId));
    } finally {
      redis.disconnect();
      await gateway.close();
      await worker.close();
    }
  });
});
