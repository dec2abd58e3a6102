import { JobsModule, type Progress, ReplyInbox, ReplyOutbox, type Reply } from '@app/jobs';
import { Test, type TestingModule } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../support/databases.js';

const answer = (jobId: string): Reply => ({
  kind: 'answer',
  jobId,
  answer: { text: 'In Lisbon [mem-1].' },
});

/** Messages on the channel that no worker of ours sends. */
const NO_MESSAGES = [
  { kind: 'unknown', jobId: 'a' },
  { kind: 'settled' },
  { kind: 'settled', jobId: 7 },
  { kind: 'failure', jobId: 'a', failure: { code: 'internal' } },
  { kind: 'failure', jobId: 'a', failure: null },
  { kind: 'delta', jobId: 'a', at: -1, text: 'x' },
];

/** The promise is the same on both queues. */
describe.each(['redis', 'postgres'] as const)('replies over %s', (kind) => {
  let database: FreshDatabase;
  let gateway: TestingModule;
  let worker: TestingModule;
  let inbox: ReplyInbox;
  let outbox: ReplyOutbox;
  let settings: { url: string; prefix: string };

  beforeAll(async () => {
    database = await freshDatabase();
    settings = {
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

  it('reach the waiting caller', async () => {
    const jobId = randomUUID();
    using expected = inbox.expect(jobId);
    await outbox.send(inbox.address, answer(jobId));
    expect(await expected.reply(10_000)).toEqual(answer(jobId));
  });

  it('arrive after the earlier progress, in order', async () => {
    const jobId = randomUUID();
    const heard: Progress[] = [];
    using expected = inbox.expect(jobId, (progress) => heard.push(progress));
    const told = Array.from({ length: 30 }, (_, at) => ({
      kind: 'delta' as const,
      jobId,
      at,
      text: `${at} `,
    }));
    for (const progress of told) await outbox.sendProgress(inbox.address, progress);
    await outbox.send(inbox.address, answer(jobId));
    expect(await expected.reply(10_000)).toEqual(answer(jobId));
    expect(heard).toEqual(told);
  });

  it('are dropped when they are malformed, and later ones still arrive', async () => {
    const jobId = randomUUID();
    using expected = inbox.expect(jobId);
    for (const message of NO_MESSAGES) await outbox.send(inbox.address, message as never);
    await outbox.send(inbox.address, answer(jobId));
    expect(await expected.reply(10_000)).toEqual(answer(jobId));
  });

  it('are cancelled for every worker when the caller leaves', async () => {
    const jobId = randomUUID();
    const other = await Test.createTestingModule({ imports: [JobsModule.forWorker(settings)] })
      .compile()
      .then((made) => made.init());
    const heard = [worker, other].map((one) => {
      const cancelled = new Set<string>();
      one.get(ReplyOutbox).onCancel((id) => cancelled.add(id));
      return cancelled;
    });
    // An inbox that has just started may not have subscribed yet.
    await vi.waitFor(
      async () => {
        await inbox.cancel(jobId);
        expect(heard.map((cancelled) => cancelled.has(jobId))).toEqual([true, true]);
      },
      { timeout: 10_000, interval: 200 },
    );
    await other.close();
  });

  it('reach each of many waiting callers separately', async () => {
    const jobIds = Array.from({ length: 50 }, () => randomUUID());
    const expected = jobIds.map((jobId) => inbox.expect(jobId));
    await Promise.all(jobIds.map((jobId) => outbox.send(inbox.address, answer(jobId))));
    const replies = await Promise.all(expected.map((one) => one.reply(10_000)));
    expect(replies.map((reply) => reply?.jobId)).toEqual(jobIds);
    for (const one of expected) one[Symbol.dispose]();
  });
});

describe('a reply that is sent while the gateway’s connection is cut', () => {
  it('is found after the reconnect', async () => {
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

describe('an unknown message on a channel', () => {
  it.each(['x', '', 'null', '7', '"text"', '[]', '{}', '{"kind":"answer"}', '['.repeat(100_000)])(
    'ends neither the process nor a wait: %.20s',
    async (text) => {
      const settings = { url: inject('redisUrl'), prefix: 'replies-noise' };
      const [gateway, worker] = await Promise.all(
        [JobsModule.forGateway(settings), JobsModule.forWorker(settings)].map(async (module) =>
          (await Test.createTestingModule({ imports: [module] }).compile()).init(),
        ),
      );
      const redis = new Redis(settings.url);
      const inbox = gateway!.get(ReplyInbox);
      const jobId = randomUUID();
      using expected = inbox.expect(jobId);
      await redis.set(`reply:${jobId}`, text, 'EX', 30);
      for (const channel of [inbox.address, 'cancels:replies-noise'])
        await redis.publish(channel, text);
      await worker!.get(ReplyOutbox).send(inbox.address, answer(jobId));
      expect(await expected.reply(10_000)).toEqual(answer(jobId));
      await redis.quit();
      await Promise.all([gateway!.close(), worker!.close()]);
    },
  );
});
