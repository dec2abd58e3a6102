import { randomUUID } from 'node:crypto';

import { ALL_TENANTS, type NewQuery, type QueryClaim } from '@app/memory';
import { aHistory, anAnswer, aNewQuery, aQuestion } from '@app/memory/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ConnectedDatabase, connectedDatabase } from '../support/connected.js';
import { storeHistories } from '../support/histories.js';
import { CallersJobs, SingleQueries } from '../support/single-jobs.js';

let connected: ConnectedDatabase;
let queries: SingleQueries;
let jobs: CallersJobs;

beforeAll(async () => {
  connected = await connectedDatabase();
  queries = new SingleQueries(connected.database);
  jobs = new CallersJobs(connected.database);
});

afterAll(() => connected.close());

const failure = { code: 'llm_auth_failed', detail: 'The provider refused the key.' } as const;

async function claimed(given: Partial<NewQuery> = {}): Promise<QueryClaim> {
  const query = aNewQuery(given);
  await queries.accept(query);
  const claim = await queries.claim(query.id, 1);
  if (claim === undefined) throw new Error('The query could not be claimed');
  return claim;
}

describe('an asynchronous query', () => {
  it('is claimed with all fields of its request', async () => {
    const question = aQuestion({
      scope: { accountId: randomUUID(), tenantId: ALL_TENANTS },
      filter: { sources: ['crm'], metadata: { team: 'red' } },
      moment: { asOf: new Date('2021-04-15T00:00:00.123Z') },
      referenceDate: new Date('2021-05-01T00:00:00Z'),
    });
    const claim = await claimed({ question });
    expect(claim).toMatchObject({
      run: 1,
      attempt: 1,
      llmAccount: 'bundled',
      deadlineAt: new Date('2030-01-01T00:00:00Z'),
    });
    expect(claim.question).toEqual(question);
  });

  it.each([1.5, -5, 3e9, NaN])(
    'stores an answer with NUL and half a surrogate pair, of a model that counts %d tokens',
    async (tokens) => {
      const claim = await claimed();
      const { generation } = anAnswer();
      const usage = { inputTokens: tokens, outputTokens: tokens };
      const text = 'a\0b \ud83d';
      const answer = anAnswer({ text, hits: [], generation: { ...generation, usage } });
      expect(await queries.complete(claim, answer)).toBe(true);
      const job = await jobs.find(claim.asker.accountId, claim.id);
      expect(job).toMatchObject({ state: 'succeeded', result: { text: 'ab \ufffd' } });
    },
  );

  it('stores its answer once', async () => {
    const stale = await claimed();
    const claim = await queries.claim(stale.id, 1);
    if (claim === undefined) throw new Error('no claim');
    const history = aHistory({ accountId: claim.asker.accountId });
    await storeHistories(connected.database, [history]);
    const hits = [{ memoryId: history.memory.id, similarity: 0.8, cited: true }];
    const answer = anAnswer({ hits });
    expect(await queries.complete(stale, answer)).toBe(false);
    expect(await queries.complete(claim, answer)).toBe(true);
    expect(await queries.complete(claim, answer)).toBe(false);
    expect(await queries.claim(claim.id, 1)).toBeUndefined();
    expect(await jobs.find(claim.asker.accountId, claim.id)).toMatchObject({
      kind: 'query',
      state: 'succeeded',
      attempts: 2,
      tenantId: null,
      question: claim.question,
      result: answer,
    });
    expect(await jobs.find(randomUUID(), claim.id)).toBeUndefined();
  });

  it('fails, or is handed back, only by the attempt that owns it', async () => {
    const stale = await claimed();
    const claim = await queries.claim(stale.id, 1);
    if (claim === undefined) throw new Error('no claim');
    expect(await queries.fail(stale, failure)).toBe(false);
    expect(await queries.handBack(stale)).toBe(false);
    expect(await queries.handBack(claim)).toBe(true);
    expect(await queries.fail(claim, failure)).toBe(false);
    const last = await queries.claim(stale.id, 1);
    expect(last && (await queries.fail(last, failure))).toBe(true);
    expect(await jobs.find(claim.asker.accountId, claim.id)).toMatchObject({
      state: 'failed',
      attempts: 3,
      failure,
      result: null,
    });
  });

  it('that never reached the queue fails and loses its text', async () => {
    const query = aNewQuery();
    await queries.accept(query);
    await queries.withdraw(query.id, failure);
    expect(await jobs.find(query.asker.accountId, query.id)).toMatchObject({
      state: 'failed',
      failure,
      question: { question: '' },
    });
    expect(await queries.claim(query.id, 1)).toBeUndefined();
  });
});
