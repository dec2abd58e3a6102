import { randomUUID } from 'node:crypto';

import { type AnswerQuery, answerQuery, jobIdOf } from '@app/jobs';
import { aHistory, aNewQuery, aQuestion } from '@app/memory/testing';
import { PostgresUsageStore } from '@app/persistence';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { storeHistories } from '../support/histories.js';
import { type WorkerBench, workerBench } from '../support/workers.js';
import { SingleQueries } from '../support/single-jobs.js';

const KEY = 'sk-caller-key-0123456789abcdef';
const NOTHING = { calls: 0, inputTokens: 0, outputTokens: 0 };
const SOMETHING = {
  inputTokens: expect.toSatisfy((tokens: number) => tokens > 0),
  outputTokens: expect.toSatisfy((tokens: number) => tokens > 0),
};

let bench: WorkerBench;
let usage: PostgresUsageStore;

beforeAll(async () => {
  bench = await workerBench(`usage-${randomUUID()}`);
  usage = new PostgresUsageStore(bench.connected.database);
  const bundled = {
    BUNDLED_ANTHROPIC_API_KEY: 'sk-ant-bundled-0123456789',
    BUNDLED_ANTHROPIC_BASE_URL: bench.simulator.url,
  };
  await Promise.all([bench.startQuery(bundled), bench.startExtraction(bundled)]);
});
afterEach(() => bench.simulator.reset());
afterAll(() => bench.close());

const spendingOf = async (accountId: string) => (await usage.inThisPeriod(accountId)).spending;
const spendingIs = (accountId: string, expected: unknown) =>
  vi.waitFor(async () => expect(await spendingOf(accountId)).toEqual(expected), {
    timeout: 10_000,
  });

const asker = () => ({ accountId: randomUUID(), apiKeyId: randomUUID() });

describe('the usage of a write', () => {
  it('on the caller’s model is recorded as the caller’s own', async () => {
    const use = extractionBench(bench);
    const { write } = await use.enqueue({ write: { asker: asker() } });
    await use.stateIs(write.id, 'succeeded');
    const { accountId } = write.asker;
    // In one transaction: there is nothing to wait for.
    expect(await spendingOf(accountId)).toEqual({
      bundled: NOTHING,
      caller: { calls: bench.simulator.calls.length, ...SOMETHING },
    });
  });

  it('on the bundled model is charged', async () => {
    const use = extractionBench(bench);
    const { write } = await use.enqueue({
      write: { asker: asker(), llmAccount: 'bundled', audit: null },
    });
    await use.stateIs(write.id, 'succeeded');
    expect(await spendingOf(write.asker.accountId)).toEqual({
      bundled: { calls: 1, ...SOMETHING },
      caller: NOTHING,
    });
  });

  it('with an unusable answer is recorded', async () => {
    bench.simulator.script({ answer: 'I would rather not.', times: 10 });
    const use = extractionBench(bench);
    const { write } = await use.enqueue({ write: { asker: asker(), waiting: true } });
    await use.stateIs(write.id, 'failed');
    const calls = bench.simulator.calls.length;
    expect(calls).toBeGreaterThan(1);
    await spendingIs(write.asker.accountId, {
      bundled: NOTHING,
      caller: { calls, ...SOMETHING },
    });
  });

  it('with a rejected key is zero', async () => {
    const use = extractionBench(bench);
    const { write } = await use.enqueue({
      write: { asker: asker() },
      key: 'sk-wrong-0123456789ab',
    });
    await use.stateIs(write.id, 'failed');
    expect(await spendingOf(write.asker.accountId)).toEqual({ bundled: NOTHING, caller: NOTHING });
  });
});

const newAccount = async (): Promise<string> => {
  const accountId = randomUUID();
  await storeHistories(bench.connected.database, [
    aHistory({ accountId, text: 'Ana lives in Lisbon.' }),
  ]);
  return accountId;
};
const questionOf = (accountId: string) =>
  aQuestion({ scope: { accountId, tenantId: null }, question: 'Where does Ana live?' });

const hide = (from: string, to: string) =>
  bench.connected.database.query(`alter table ${from} rename to ${to}`);

async function ask(accountId: string, payload: Partial<AnswerQuery> = {}) {
  const job = { v: 1 as const, queryId: randomUUID(), run: 1, accountId, requestId: 'r' };
  const jobId = jobIdOf(job.queryId, job.run);
  const bundled = payload.llmAccount === 'bundled';
  const sealed = bench.sealer.seal(
    {
      target: bundled ? null : bench.target(KEY),
      question: questionOf(accountId),
      expiresAt: new Date(Date.now() + 60_000),
    },
    { queue: answerQuery.queue, jobId, accountId },
  );
  const replyTo = bench.inbox.address;
  const asked = { ...job, stored: false, llmAccount: 'caller' as const, sealed, replyTo };
  return bench.replyTo(jobId, () => bench.producer.answer({ ...asked, ...payload }));
}

describe('the usage of a query', () => {
  it.each([
    ['waited for', {}, 'caller'],
    ['read along', { streamed: true }, 'caller'],
    ['put to the bundled model', { llmAccount: 'bundled' as const }, 'bundled'],
  ] as const)('that is %s is recorded after its answer', async (_how, payload, owner) => {
    const accountId = await newAccount();
    expect(await ask(accountId, payload)).toMatchObject({ kind: 'answer' });
    const spent = { bundled: NOTHING, caller: NOTHING, [owner]: { calls: 1, ...SOMETHING } };
    await spendingIs(accountId, spent);
  });

  it('with an empty answer is recorded', async () => {
    bench.simulator.script({ answer: ' ', times: 10 });
    const accountId = await newAccount();
    expect(await ask(accountId)).toMatchObject({ failure: { code: 'llm_invalid_output' } });
    await vi.waitFor(async () => expect((await spendingOf(accountId)).caller.calls).toBe(1), {
      timeout: 10_000,
    });
  });

  it('does not keep the query from its answer when it cannot be recorded', async () => {
    const accountId = await newAccount();
    await hide('usage_slots', 'hidden_slots');
    expect(await ask(accountId)).toMatchObject({ kind: 'answer' });
    await hide('hidden_slots', 'usage_slots');
  });

  it('that is stored is recorded with its answer', async () => {
    const accountId = await newAccount();
    const queries = new SingleQueries(bench.connected.database);
    const query = aNewQuery({
      asker: { accountId, apiKeyId: randomUUID() },
      question: questionOf(accountId),
      llmAccount: 'bundled',
    });
    await queries.accept(query);
    const job = { queryId: query.id, run: 1, accountId, requestId: 'r' };
    await bench.producer.answer({ v: 1, ...job, stored: true, llmAccount: 'bundled' });
    await vi.waitFor(
      async () => {
        const [row] = await bench.connected.database.query<{ state: string }>(
          'select state from queries where id = $1',
          [query.id],
        );
        expect(row?.state).toBe('succeeded');
      },
      { timeout: 10_000 },
    );
    expect(await spendingOf(accountId)).toEqual({
      bundled: { calls: 1, ...SOMETHING },
      caller: NOTHING,
    });
  });
});
