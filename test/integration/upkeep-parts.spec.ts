import { answerQuery, extractMemories, FinishedJobs, LiveJobs, prefixOf } from '@app/jobs';
import { CHECK_INTERVAL_MS } from '@app/jobs/policy';
import type { UnfinishedJob } from '@app/memory';
import { aNewWrite } from '@app/memory/testing';
import {
  PostgresReplayStore,
  PostgresSearchDocumentStore,
  PostgresErasureStore,
  PostgresJobLifecycle,
  PostgresJobReader,
  whileAlone,
} from '@app/persistence';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';

import { ErasuresService } from '../../apps/extraction-worker/src/upkeep/erasures.service.js';
import { LostJobsService } from '../../apps/extraction-worker/src/upkeep/lost-jobs.service.js';
import { RetentionService } from '../../apps/extraction-worker/src/upkeep/retention.service.js';
import { SealedTargetsService } from '../../apps/extraction-worker/src/upkeep/sealed-targets.service.js';
import { SearchDocumentsService } from '../../apps/extraction-worker/src/upkeep/search-documents.service.js';
import { UpkeepService } from '../../apps/extraction-worker/src/upkeep/upkeep.service.js';
import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { SingleWrites } from '../support/single-jobs.js';

let connected: ConnectedDatabase;
let jobs: PostgresJobReader;
let lifecycle: PostgresJobLifecycle;
const opened: LiveJobs[] = [];

beforeAll(async () => {
  connected = await connectedDatabase();
  jobs = new PostgresJobReader(connected.database);
  lifecycle = new PostgresJobLifecycle(connected.database);
});
beforeEach(() => connected.database.query('delete from writes'));
afterAll(async () => {
  await Promise.all(opened.map((live) => live.close()));
  await connected.close();
});

const liveJobs = (url: string, prefix: string): LiveJobs => {
  const live = new LiveJobs({ url, prefix });
  opened.push(live);
  return live;
};

async function accept(count: number): Promise<string[]> {
  const writes = Array.from({ length: count }, () => aNewWrite());
  await new SingleWrites(connected.database).accept(writes);
  return writes.map(({ id }) => id);
}

describe('the scan of unfinished rows', () => {
  it('takes each row once, in batches, and no row that arrives later', async () => {
    const accepted = await accept(12);
    const until = new Date((await jobs.now()).getTime() + CHECK_INTERVAL_MS);
    await accept(3);
    const batches: (readonly { id: string }[])[] = [];
    do batches.push(await lifecycle.takeDue('write', until, 5));
    while (batches.at(-1)?.length === 5);
    expect(batches.map(({ length }) => length)).toEqual([5, 5, 2]);
    expect(new Set(batches.flat().map(({ id }) => id))).toEqual(new Set(accepted));
  });

  it('changes no row that has changed since it was read', async () => {
    await accept(1);
    const seen = await lifecycle.takeDue('write', new Date(Date.now() + 600_000), 1);
    const [again] = await lifecycle.requeue('write', seen);
    expect(again).toMatchObject({ id: seen[0]?.id, run: 2 });
    expect(await lifecycle.requeue('write', seen)).toEqual([undefined]);
    const failure = { code: 'unavailable', detail: 'Try again.' } as const;
    const fail = (job: UnfinishedJob): Promise<readonly boolean[]> =>
      lifecycle.fail('write', [{ job: { id: job.id, run: job.run }, failure }]);
    expect(await fail(seen[0]!)).toEqual([false]);
    expect(await fail(again!)).toEqual([true]);
    expect(await fail(again!)).toEqual([false]);
  });
});

describe('upkeep', () => {
  it('runs in one process at a time', async () => {
    const { database } = connected;
    const inside = async (): Promise<void> =>
      expect(await whileAlone(database, 1, async () => undefined)).toBe(false);
    expect(await whileAlone(database, 1, inside)).toBe(true);
    expect(await whileAlone(database, 1, async () => undefined)).toBe(true);
  });

  it('continues in rounds while the queue is down, until it is stopped', async () => {
    const { database } = connected;
    const finished = new FinishedJobs({ url: 'redis://127.0.0.1:1', prefix: 'down' });
    const upkeep = new UpkeepService(
      database,
      new ErasuresService(
        new PostgresErasureStore(database),
        liveJobs('redis://127.0.0.1:1', 'down'),
      ),
      new LostJobsService(jobs, lifecycle, liveJobs('redis://127.0.0.1:1', 'down')),
      new RetentionService(lifecycle, new PostgresReplayStore(database)),
      new SealedTargetsService(finished),
      new SearchDocumentsService(new PostgresSearchDocumentStore(database)),
      50,
    );
    upkeep.onApplicationBootstrap();
    for (const _round of [1, 2, 3]) {
      await accept(1);
      await database.query(
        `update writes set state = 'succeeded', finished_at = now() - interval '25 hours', next_check_at = null`,
      );
      await vi.waitFor(async () => expect(await database.query('select from writes')).toEqual([]), {
        timeout: 10_000,
      });
    }
    await upkeep.onModuleDestroy();
    await finished.close();
  });

  it('notices at once that a queue is down, and that one was emptied', async () => {
    const down = liveJobs('redis://127.0.0.1:1', 'down');
    await expect(down.epochs.epochOf(extractMemories)).rejects.toMatchObject({
      code: 'unavailable',
    });

    const prefix = 'upkeep-epoch';
    const live = liveJobs(inject('redisUrl'), prefix);
    const epoch = await live.epochs.epochOf(extractMemories);
    expect(await live.epochs.epochOf(extractMemories)).toBe(epoch);
    const redis = new Redis(inject('redisUrl'));
    await redis.del(`${prefixOf(extractMemories.queue, { prefix })}:epoch`);
    redis.disconnect();
    expect(await live.epochs.epochOf(extractMemories)).not.toBe(epoch);
  });

  it('scans all rows again only when the queue was emptied, not when a worker restarts', async () => {
    const prefix = 'upkeep-checked';
    const first = liveJobs(inject('redisUrl'), prefix);
    const epoch = await first.epochs.epochOf(extractMemories);
    expect(await first.epochs.wasChecked(extractMemories, epoch)).toBe(false);
    await first.epochs.noteChecked(extractMemories, epoch);

    const next = liveJobs(inject('redisUrl'), prefix);
    expect(
      await next.epochs.wasChecked(extractMemories, await next.epochs.epochOf(extractMemories)),
    ).toBe(true);
    expect(await next.epochs.wasChecked(answerQuery, await next.epochs.epochOf(answerQuery))).toBe(
      false,
    );
    const redis = new Redis(inject('redisUrl'));
    await redis.del(`${prefixOf(extractMemories.queue, { prefix })}:epoch`);
    redis.disconnect();
    expect(
      await next.epochs.wasChecked(extractMemories, await next.epochs.epochOf(extractMemories)),
    ).toBe(false);
  });
});
