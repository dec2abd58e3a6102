import { randomUUID } from 'node:crypto';

import { aFact, aNewQuery, aNewWrite, anAnswer, extracted } from '@app/memory/testing';
import type { NewRun, QueryClaim, WriteClaim } from '@app/memory';
import { PostgresJobLifecycle } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';

let connected: ConnectedDatabase;
let jobs: PostgresJobLifecycle;

beforeAll(async () => {
  connected = await connectedDatabase();
  jobs = new PostgresJobLifecycle(connected.database);
});
afterAll(() => connected.close());

const failure = { code: 'llm_rejected_request', detail: 'The model refused.' } as const;
const KINDS = ['write', 'query'] as const;
type Kind = (typeof KINDS)[number];

/** Accepts `count` jobs. @returns their ids and accounts. */
async function accepted(kind: Kind, count: number) {
  const writes = Array.from({ length: kind === 'write' ? count : 0 }, () => aNewWrite());
  const queries = Array.from({ length: kind === 'query' ? count : 0 }, () => aNewQuery());
  const refusals = [
    ...(await jobs.accept('write', writes)),
    ...(await jobs.accept('query', queries)),
  ];
  const made = [...writes, ...queries];
  expect(refusals).toEqual(made.map(() => undefined));
  return made.map(({ id, asker: { accountId } }) => ({ id, accountId, run: 1 }));
}

const claimed = async (kind: Kind, count: number): Promise<(WriteClaim | QueryClaim)[]> => {
  const claims = await jobs.claim(kind, await accepted(kind, count));
  return claims.map((claim) => claim!);
};

const statesOf = async (kind: Kind, ids: readonly string[]): Promise<readonly unknown[]> => {
  const table = kind === 'write' ? 'writes' : 'queries';
  const rows = await connected.database.query<{ id: string; state: string }>(
    `select id, state from ${table} where id = any($1::uuid[])`,
    [ids],
  );
  return ids.map((id) => rows.find((row) => row.id === id)?.state);
};
const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

describe.each(KINDS)('transitions of several jobs of kind %s', (kind) => {
  it('claims those that are not ended and answers in the order of the list', async () => {
    const [first, second, third] = await accepted(kind, 3);
    await jobs.cancel(kind, [second!]);
    const claims = await jobs.claim(kind, [third!, second!, first!, { id: randomUUID(), run: 1 }]);
    expect(claims.map((claim) => claim?.id)).toEqual([third!.id, undefined, first!.id, undefined]);
    expect(await statesOf(kind, idsOf([first!, second!, third!]))).toEqual([
      'running',
      'cancelled',
      'running',
    ]);
  });

  it('fails those that the attempt still owns, each with its own failure', async () => {
    const [first, second] = await claimed(kind, 2);
    await jobs.claim(kind, [first!]);
    const own = { ...failure, detail: 'Another reason.' };
    expect(
      await jobs.fail(kind, [
        { job: first!, failure },
        { job: second!, failure: own },
      ]),
    ).toEqual([false, true]);
    expect(await statesOf(kind, idsOf([first!, second!]))).toEqual(['running', 'failed']);
  });

  it('fails a run whichever attempt has it when no attempt is given', async () => {
    const [first, second] = await claimed(kind, 2);
    const lost = [first!, second!].map(({ id }, run) => ({ job: { id, run: run + 1 }, failure }));
    expect(await jobs.fail(kind, lost)).toEqual([true, false]);
  });

  it('hands back those that the attempt still owns', async () => {
    const [first, second] = await claimed(kind, 2);
    await jobs.cancel(
      kind,
      [first!].map(({ id, asker }) => ({ id, ...asker })),
    );
    expect(await jobs.handBack(kind, [first!, second!])).toEqual([false, true]);
    expect(await statesOf(kind, idsOf([first!, second!]))).toEqual(['cancelled', 'queued']);
  });

  it('withdraws those that no worker has claimed', async () => {
    const [first, second, third] = await accepted(kind, 3);
    await jobs.claim(kind, [second!]);
    const list = [first!, second!, third!].map(({ id }) => ({ id, failure }));
    expect(await jobs.withdraw(kind, list)).toEqual([true, false, true]);
    expect(await statesOf(kind, idsOf(list))).toEqual(['failed', 'running', 'failed']);
  });

  it('cancels those of the account that have not ended', async () => {
    const [first, second, third] = await accepted(kind, 3);
    await jobs.withdraw(kind, [{ id: first!.id, failure }]);
    const foreign = { id: third!.id, accountId: randomUUID() };
    expect(await jobs.cancel(kind, [first!, second!, foreign])).toEqual([undefined, 1, undefined]);
    expect(await statesOf(kind, idsOf([first!, second!, third!]))).toEqual([
      'failed',
      'cancelled',
      'queued',
    ]);
  });

  it('runs again those that failed with their text', async () => {
    const [first, second] = await claimed(kind, 2);
    await jobs.fail(kind, [{ job: first!, failure }]);
    const again: NewRun = {
      llmAccount: 'bundled',
      audit: null,
      waiting: false,
      deadlineAt: new Date('2031-01-01T00:00:00Z'),
      requestId: 'req-2',
    };
    const list = [second!, first!].map(({ id, run, asker: { accountId } }) => ({
      job: { id, run, accountId },
      again,
    }));
    expect(await jobs.runAgain(kind, list)).toEqual([undefined, 2]);
    expect(await statesOf(kind, idsOf([first!, second!]))).toEqual(['queued', 'running']);
  });

  it('requeues those whose run is as it was read', async () => {
    const [first, second] = await accepted(kind, 2);
    await jobs.requeue(kind, [first!]);
    const requeued = await jobs.requeue(kind, [first!, second!]);
    expect(requeued.map((job) => job?.run)).toEqual([undefined, 2]);
  });
});

describe('succeeding with several jobs', () => {
  it('stores the facts of the writes that their attempts still own', async () => {
    const [first, second] = (await claimed('write', 2)) as WriteClaim[];
    await jobs.claim('write', [first!]);
    const result = extracted([aFact()]);
    const list = [first!, second!].map((claim) => ({ claim, result }));
    expect(await jobs.succeed('write', list)).toMatchObject([
      { value: undefined },
      { value: { memoriesStored: 1 } },
    ]);
    expect(await statesOf('write', idsOf([first!, second!]))).toEqual(['running', 'succeeded']);
  });

  it('gives each query its own outcome: one that rests on an erased memory stays running', async () => {
    const [first, second] = (await claimed('query', 2)) as QueryClaim[];
    const list = [
      { claim: first!, result: anAnswer() },
      { claim: second!, result: anAnswer({ hits: [] }) },
    ];
    expect(await jobs.succeed('query', list)).toMatchObject([
      { status: 'rejected', reason: { code: 'unavailable' } },
      { value: { memoriesStored: 0 } },
    ]);
    expect(await statesOf('query', idsOf([first!, second!]))).toEqual(['running', 'succeeded']);
  });
});

describe('the quota slot of withdrawn writes', () => {
  it('is given back once for each write of a first run', async () => {
    const asker = { accountId: randomUUID(), apiKeyId: randomUUID() };
    const writes = Array.from({ length: 3 }, () => aNewWrite({ asker }));
    await jobs.accept('write', writes);
    await jobs.claim('write', [{ id: writes[0]!.id, run: 1 }]);
    await jobs.withdraw(
      'write',
      writes.map(({ id }) => ({ id, failure })),
    );
    const [counted] = await connected.database.query<{ used: number }>(
      `select sum(used)::int as used from quota_slots where account_id = $1 and kind = 'write'`,
      [asker.accountId],
    );
    expect(counted).toEqual({ used: 1 });
  });
});

describe('two lists with jobs in common', () => {
  it('wait for each other and never deadlock', async () => {
    const list = await claimed('write', 40);
    const reversed = list.toReversed();
    const both = [list, reversed, list, reversed].map((some) => jobs.handBack('write', some));
    const answers = await Promise.all(both);
    expect(answers.flat().filter(Boolean)).toHaveLength(40);
  });
});
