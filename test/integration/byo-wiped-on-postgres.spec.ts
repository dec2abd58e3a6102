import { extractMemories, FinishedJobs, prefixOf, queueConnection } from '@app/jobs';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';

const { queue: name } = extractMemories;

let connected: ConnectedDatabase;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  connected = await connectedDatabase();
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await connected.close();
});

describe('upkeep with the queue on Postgres', () => {
  it('wipes and counts an envelope that was left in an ended job, once', async () => {
    const { url } = connected;
    const prefix = prefixOf(name, {});
    const queue = new Queue(name, {
      connection: queueConnection({ url, role: 'producer' }),
      prefix,
    });
    const finished = new FinishedJobs({ url });
    open.push(queue, finished);
    await queue.add('left', { v: 1, sealed: 'v1.kid.a.b.c' }, { jobId: 'left.1' });
    await queue.add('waits', { v: 1, sealed: 'v1.kid.a.b.c' }, { jobId: 'waits.1', delay: 60_000 });
    const careless = new Worker(name, () => Promise.reject(new UnrecoverableError('x')), {
      connection: queueConnection({ url, role: 'worker' }),
      prefix,
    });
    await vi.waitFor(async () => expect(await queue.getJobState('left.1')).toBe('failed'), {
      timeout: 10_000,
    });
    await careless.close();

    const { signal } = new AbortController();
    expect(await finished.wipe(extractMemories, signal)).toBe(1);
    expect((await queue.getJob('left.1'))?.data).toEqual({ v: 1 });
    expect((await queue.getJob('waits.1'))?.data).toHaveProperty('sealed');
    expect(await finished.wipe(extractMemories, signal)).toBe(0);
  });
});
