import { randomUUID } from 'node:crypto';

import { ALL_TENANTS, type ListJobs, type NewRun, type RunnableJob } from '@app/memory';
import { aMessagesWrite, aNewQuery, aNewWrite, aQuestion } from '@app/memory/testing';
import { PostgresJobLifecycle } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asker as anAsker, type WriteStores, writeStores } from '../support/write-stores.js';
import { SingleQueries } from '../support/single-jobs.js';

const failure = { code: 'llm_auth_failed', detail: 'The provider refused the key.' } as const;
const AGAIN: NewRun = {
  llmAccount: 'caller',
  audit: { provider: 'azure', model: 'another', baseUrlHost: 'azure.example' },
  waiting: true,
  deadlineAt: new Date('2031-01-01T00:00:00Z'),
  requestId: 'req-2',
};

let stores: WriteStores;
let queries: SingleQueries;

beforeAll(async () => {
  stores = await writeStores();
  queries = new SingleQueries(stores.database);
});
afterAll(() => stores.close());

const query = async (id: string) =>
  (
    await stores.database.query<Record<string, unknown>>('select * from queries where id = $1', [
      id,
    ])
  )[0];

async function found(accountId: string, id: string): Promise<RunnableJob> {
  const job = await stores.jobs.find(accountId, id);
  if (!job || job.kind === 'erasure') throw new Error('The job is not there');
  return job;
}

/** An asynchronous write that failed in its first run. */
async function failed(): Promise<RunnableJob> {
  const claim = await stores.claimed({ llmAccount: 'bundled', audit: null });
  await stores.writes.fail(claim, failure);
  return found(claim.asker.accountId, claim.id);
}

async function failedQuery(): Promise<RunnableJob> {
  const asked = aNewQuery();
  await queries.accept(asked);
  const claim = await queries.claim(asked.id, 1);
  await queries.fail(claim!, failure);
  return found(asked.asker.accountId, asked.id);
}

describe('retrying a job', () => {
  it('queues a failed write as its next run, with the new request', async () => {
    const job = await failed();
    expect(await stores.jobs.runAgain(job, AGAIN)).toBe(2);
    expect(await stores.row(job.id)).toMatchObject({
      state: 'queued',
      run: 2,
      failure: null,
      finished_at: null,
      started_at: null,
      waiting: true,
      llm_account: 'caller',
      llm_provider: 'azure',
      llm_model: 'another',
      llm_base_url_host: 'azure.example',
      deadline_at: AGAIN.deadlineAt,
      request_id: 'req-2',
      created_at: job.createdAt,
      request: expect.objectContaining({ messages: expect.anything() }),
    });
    expect(await stores.writes.claim(job.id, 1)).toBeUndefined();
    expect(await stores.writes.claim(job.id, 2)).toMatchObject({ run: 2, attempt: 2 });
  });

  it('queues a failed query in the same way', async () => {
    const job = await failedQuery();
    expect(await stores.jobs.runAgain(job, AGAIN)).toBe(2);
    expect(await query(job.id)).toMatchObject({
      state: 'queued',
      run: 2,
      llm_account: 'caller',
      deadline_at: AGAIN.deadlineAt,
      failure: null,
    });
    expect((await queries.claim(job.id, 2))?.question.question).toBe(aQuestion().question);
  });

  it.each([failed, failedQuery])(
    'succeeds for one of many concurrent calls: %#',
    async (aFailedJob) => {
      const job = await aFailedJob();
      const runs = await Promise.all(
        Array.from({ length: 8 }, () => stores.jobs.runAgain(job, AGAIN)),
      );
      expect(runs.filter((run) => run !== undefined)).toEqual([2]);
    },
  );

  it('is rejected for another account, and for a run that has been retried already', async () => {
    const job = await failed();
    expect(await stores.jobs.runAgain({ ...job, accountId: randomUUID() }, AGAIN)).toBeUndefined();
    await stores.jobs.runAgain(job, AGAIN);
    const claim = await stores.writes.claim(job.id, 2);
    await stores.writes.fail(claim!, failure);
    expect(await stores.jobs.runAgain(job, AGAIN)).toBeUndefined();
    expect(await stores.jobs.runAgain(await found(job.accountId, job.id), AGAIN)).toBe(3);
  });

  it('is rejected for a write whose text is gone', async () => {
    const claim = await stores.claimed({ waiting: true });
    await stores.writes.fail(claim, failure);
    const job = await found(claim.asker.accountId, claim.id);
    expect(job).toMatchObject({ state: 'failed', textKept: false });
    expect(await stores.jobs.runAgain(job, AGAIN)).toBeUndefined();
  });

  it('keeps the text, also while a caller waits and when the queue fails', async () => {
    const job = await failed();
    await stores.jobs.runAgain(job, AGAIN);
    const claim = await stores.writes.claim(job.id, 2);
    expect(await stores.writes.isWaitedFor(claim!)).toBe(true);
    await stores.writes.fail(claim!, failure);
    expect(await found(job.accountId, job.id)).toMatchObject({ state: 'failed', textKept: true });

    await stores.jobs.runAgain(await found(job.accountId, job.id), AGAIN);
    await stores.writes.withdraw(job.id, failure);
    expect(await found(job.accountId, job.id)).toMatchObject({ state: 'failed', textKept: true });

    const asked = await failedQuery();
    await stores.jobs.runAgain(asked, AGAIN);
    await queries.withdraw(asked.id, failure);
    expect(await found(asked.accountId, asked.id)).toMatchObject({ textKept: true });
  });

  it('is left alone by upkeep while its enqueue may be under way', async () => {
    const job = await failed();
    await stores.jobs.runAgain(job, AGAIN);
    const [due] = await stores.database.query<{ early: boolean; late: boolean }>(
      `select next_check_at > now() + interval '60 seconds' as early, next_check_at < now() + interval '90 seconds' as late
         from writes where id = $1`,
      [job.id],
    );
    expect(due).toEqual({ early: true, late: true });
  });
});

describe('cancelling a job', () => {
  it('ends a queued or running write and erases its text at once', async () => {
    for (const claim of [false, true]) {
      const write = await stores.accepted();
      if (claim) await stores.reclaimed(write.id);
      const job = await found(write.asker.accountId, write.id);
      expect(await stores.jobs.cancel({ ...job, accountId: randomUUID() })).toBeUndefined();
      expect(await stores.jobs.cancel(job)).toBe(1);
      expect(await stores.row(write.id)).toMatchObject({
        state: 'cancelled',
        request: null,
        next_check_at: null,
        failure: null,
        finished_at: expect.any(Date),
      });
      expect(await stores.writes.claim(write.id, 1)).toBeUndefined();
      expect(await stores.jobs.cancel(job)).toBeUndefined();
    }
  });

  it('keeps a running attempt from storing, failing and handing back the job', async () => {
    const claim = await stores.claimed();
    await stores.jobs.cancel(await found(claim.asker.accountId, claim.id));
    expect(await stores.writes.fail(claim, failure)).toBe(false);
    expect(await stores.writes.handBack(claim)).toBe(false);
    await stores.writes.withdraw(claim.id, failure);
    expect(await stores.row(claim.id)).toMatchObject({ state: 'cancelled', failure: null });
  });

  it('erases the text of a question', async () => {
    const asked = aNewQuery({ question: aQuestion({ question: 'Does Ana like figs?' }) });
    await queries.accept(asked);
    expect(await stores.jobs.cancel(await found(asked.asker.accountId, asked.id))).toBe(1);
    expect(await query(asked.id)).toMatchObject({ state: 'cancelled' });
    expect(JSON.stringify(await query(asked.id))).not.toContain('figs');
  });

  it('is rejected for a failed job', async () => {
    const job = await failed();
    expect(await stores.jobs.cancel(job)).toBeUndefined();
  });
});

const endedAgo = async (id: string, age: string): Promise<number> => {
  await stores.database.query(
    `update writes set finished_at = now() - $2::interval where id = $1`,
    [id, age],
  );
  return new PostgresJobLifecycle(stores.database).expire('write', 100);
};

describe('the retention of jobs', () => {
  it('keeps a cancelled job for a day', async () => {
    const write = await stores.accepted();
    await stores.jobs.cancel(await found(write.asker.accountId, write.id));
    expect(await endedAgo(write.id, '23 hours 59 minutes')).toBe(0);
    expect(await endedAgo(write.id, '24 hours 1 minute')).toBe(1);
    expect(await stores.row(write.id)).toBeUndefined();
  });

  it('keeps a failed job and its text for a week, and a retried one while it runs', async () => {
    const job = await failed();
    expect(await endedAgo(job.id, '6 days 23 hours')).toBe(0);
    expect(await stores.row(job.id)).toMatchObject({ request: expect.anything() });
    const again = await failed();
    await endedAgo(again.id, '6 days 23 hours');
    await stores.jobs.runAgain(again, AGAIN);
    expect(await endedAgo(job.id, '7 days 1 minute')).toBe(1);
    expect(await stores.row(again.id)).toMatchObject({ state: 'queued' });
  });
});

describe('the list of jobs', () => {
  const { accountId, apiKeyId } = anAsker();
  const asker = { accountId, apiKeyId };
  const list = async (asked: Partial<ListJobs> = {}): Promise<readonly string[]> => {
    const scope = { accountId, tenantId: ALL_TENANTS };
    return (await stores.jobs.list({ scope, limit: 100, ...asked })).jobs.map(({ id }) => id);
  };
  const made: { write: string; query: string; blue: string; everywhere: string; failed: string } = {
    write: '',
    query: '',
    blue: '',
    everywhere: '',
    failed: '',
  };

  beforeAll(async () => {
    const ask = async (tenantId: string | null): Promise<string> => {
      const asked = aNewQuery({ asker, question: aQuestion({ scope: { accountId, tenantId } }) });
      await queries.accept(asked);
      return asked.id;
    };
    made.write = (await stores.accepted({ asker })).id;
    made.query = await ask(null);
    made.blue = await ask('blue');
    made.everywhere = await ask(ALL_TENANTS);
    const claim = await stores.claimed({ asker, request: aMessagesWrite({ tenantId: 'blue' }) });
    await stores.writes.fail(claim, failure);
    made.failed = claim.id;
    await stores.accepted();
    await queries.accept(aNewQuery());
    // Two may be accepted within one millisecond: which of them is newer is then no question of time.
    const oldestFirst = [made.write, made.query, made.blue, made.everywhere, made.failed];
    for (const [seconds, id] of oldestFirst.entries())
      for (const table of ['writes', 'queries'])
        await stores.database.query(
          `update ${table} set created_at = now() - interval '1 hour' + make_interval(secs => $2) where id = $1`,
          [id, seconds],
        );
  });

  it('has writes and queries of one account, newest first', async () => {
    const { write, query: asked, blue, everywhere, failed: last } = made;
    expect(await list()).toEqual([last, everywhere, blue, asked, write]);
    expect(await list({ kind: 'write' })).toEqual([last, write]);
    expect(await list({ kind: 'query', limit: 2 })).toEqual([everywhere, blue]);
    expect(await list({ state: 'failed' })).toEqual([last]);
    expect(await list({ state: 'failed', kind: 'query' })).toEqual([]);
  });

  it('is limited to its tenant for a key of one tenant', async () => {
    expect(await list({ scope: { accountId, tenantId: 'blue' } })).toEqual([
      made.failed,
      made.blue,
    ]);
    expect(await list({ scope: { accountId, tenantId: null } })).toEqual([made.query, made.write]);
  });

  it('continues after the last job of any page, also among jobs of the same millisecond', async () => {
    const { database } = stores;
    for (const table of ['writes', 'queries'])
      await database.query(
        `update ${table} set created_at = '2026-05-01T10:00:00Z' where account_id = $1`,
        [accountId],
      );
    const seen: string[] = [];
    let after: ListJobs['after'];
    do {
      const scope = { accountId, tenantId: ALL_TENANTS };
      const [job] = (await stores.jobs.list({ scope, limit: 1, after })).jobs;
      after = job && { createdAt: job.createdAt, id: job.id };
      if (job) seen.push(job.id);
      await stores.writes.accept([aNewWrite({ asker })]);
    } while (after);
    expect(seen.toSorted()).toEqual(Object.values(made).toSorted());
  });
});
