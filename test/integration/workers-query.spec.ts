import { randomUUID } from 'node:crypto';

import { type AnswerQuery, answerQuery, jobIdOf, type Reply } from '@app/jobs';
import { ALL_TENANTS, type Answer, type Question } from '@app/memory';
import { aHistory, aNewQuery, aQuestion } from '@app/memory/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { jsonReply } from '../../scripts/simulator/index.js';
import { storeHistories } from '../support/histories.js';
import { type WorkerBench, workerBench } from '../support/workers.js';
import { CallersJobs, SingleQueries } from '../support/single-jobs.js';

const KEY = 'sk-caller-key-0123456789abcdef';
const ACCOUNT = randomUUID();

let bench: WorkerBench;
let queries: SingleQueries;
let jobs: CallersJobs;

beforeAll(async () => {
  bench = await workerBench('workers-query');
  queries = new SingleQueries(bench.connected.database);
  jobs = new CallersJobs(bench.connected.database);
  await storeHistories(bench.connected.database, [
    aHistory({ accountId: ACCOUNT, text: 'Ana lives in Lisbon.' }),
    aHistory({ accountId: ACCOUNT, text: 'Ana plays the cello.' }),
  ]);
  await bench.startQuery();
});
afterEach(() => bench.simulator.reset());
afterAll(() => bench.close());

const question = (given: Partial<Question> = {}): Question =>
  aQuestion({ scope: { accountId: ACCOUNT, tenantId: null }, ...given });

/** Everything of a synchronous query travels in its envelope. */
async function ask(
  asked: Question,
  { key = KEY, payload = {} }: { key?: string; payload?: Partial<AnswerQuery> } = {},
): Promise<Reply | undefined> {
  const job = { v: 1 as const, queryId: randomUUID(), run: 1, accountId: ACCOUNT, requestId: 'r' };
  const jobId = jobIdOf(job.queryId, job.run);
  const sealed = bench.sealer.seal(
    { target: bench.target(key), question: asked, expiresAt: new Date(Date.now() + 60_000) },
    { queue: answerQuery.queue, jobId, accountId: ACCOUNT },
  );
  const replyTo = bench.inbox.address;
  return bench.replyTo(jobId, () =>
    bench.producer.answer({
      ...job,
      stored: false,
      llmAccount: 'caller',
      sealed,
      replyTo,
      ...payload,
    }),
  );
}

const answerIn = (reply: Reply | undefined): Answer => {
  if (reply?.kind !== 'answer') throw new Error(`No answer but ${JSON.stringify(reply)}`);
  return reply.answer as Answer;
};

describe('a synchronous query', () => {
  it('of a newer gateway, with a filter that the worker does not know, can be sent again', async () => {
    const known = question();
    const filter = { ...known.filter, language: 'en' };
    expect(await ask({ ...known, filter })).toMatchObject({
      kind: 'failure',
      failure: { code: 'unavailable', retryAfterMs: 5_000 },
    });
    expect(bench.simulator.calls).toEqual([]);
  });

  it('is answered from memories, with a marker for each claim', async () => {
    const answer = answerIn(await ask(question()));
    expect(answer).toMatchObject({
      grounded: true,
      searched: 2,
      generation: {
        provider: 'openai',
        model: 'gpt-5-mini',
        byoLlm: true,
        llmCalls: bench.simulator.calls.length,
      },
    });
    expect(answer.text).toContain('[mem-1]');
    expect(answer.hits[0]?.cited).toBe(true);
    expect(bench.simulator.calls[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it('makes no model call when nothing is found', async () => {
    const elsewhere = question({ filter: { sources: ['nowhere'] } });
    expect(answerIn(await ask(elsewhere))).toMatchObject({
      grounded: false,
      hits: [],
      generation: { llmCalls: 0 },
    });
    expect(bench.simulator.calls).toEqual([]);
  });

  it('loses markers that cite no memory', async () => {
    bench.simulator.script({ answer: 'In Lisbon [mem-1], in a castle [mem-7].' });
    const answer = answerIn(await ask(question()));
    expect(answer.text).toBe('In Lisbon [mem-1], in a castle.');
  });

  it('is answered without the key, even when the model repeats it', async () => {
    bench.simulator.script({ answer: `In Lisbon [mem-1]. Your key is ${KEY}.` });
    const reply = await ask(question());
    expect(answerIn(reply).text).toContain('In Lisbon [mem-1].');
    expect(JSON.stringify(reply)).not.toContain('caller-key-012');
  });

  it('fails at once with the provider’s words, and its key is wiped', async () => {
    const reply = await ask(question(), { key: 'sk-wrong-0123456789abcdef' });
    expect(reply).toMatchObject({ kind: 'failure', failure: { code: 'llm_auth_failed' } });
    const job = await bench.queue(answerQuery.queue).getJob(reply?.jobId ?? '');
    expect(job?.data).not.toHaveProperty('sealed');
    expect(bench.simulator.calls).toHaveLength(1);
  });

  it('is not retried, because its caller can ask again', async () => {
    bench.simulator.script({ reply: () => jsonReply(503, { error: { message: 'Overloaded.' } }) });
    expect(await ask(question())).toMatchObject({ failure: { code: 'llm_unavailable' } });
    expect(bench.simulator.calls).toHaveLength(1);
  });

  it.each([
    ['has no envelope', { sealed: undefined }],
    ['says bundled where the envelope holds a target', { llmAccount: 'bundled' as const }],
  ])('that %s makes no call', async (_case, payload) => {
    expect(await ask(question(), { payload })).toMatchObject({
      failure: { code: 'caller_key_unavailable' },
    });
    expect(bench.simulator.calls).toEqual([]);
  });

  it('reads no other account', async () => {
    const foreign = aQuestion({ scope: { accountId: randomUUID(), tenantId: ALL_TENANTS } });
    expect(await ask(foreign)).toMatchObject({ failure: { code: 'caller_key_unavailable' } });
  });
});

const accept = async (): Promise<AnswerQuery> => {
  const query = aNewQuery({
    asker: { accountId: ACCOUNT, apiKeyId: randomUUID() },
    question: question(),
    llmAccount: 'caller',
  });
  await queries.accept(query);
  const job = { queryId: query.id, run: 1, accountId: ACCOUNT };
  const sealed = bench.sealer.seal(
    { target: bench.target(KEY), expiresAt: new Date(Date.now() + 60_000) },
    { queue: answerQuery.queue, jobId: jobIdOf(query.id, 1), accountId: ACCOUNT },
  );
  return { v: 1, ...job, stored: true, llmAccount: 'caller', sealed, requestId: 'r' };
};
const row = (id: string) => jobs.find(ACCOUNT, id);

describe('an asynchronous query', () => {
  it('has its answer in its row', async () => {
    const job = await accept();
    await bench.producer.answer(job);
    await vi.waitFor(async () => expect((await row(job.queryId))?.state).toBe('succeeded'), {
      timeout: 10_000,
    });
    expect((await row(job.queryId))?.result).toMatchObject({ grounded: true });
  });

  it('is retried later when the provider is down, and keeps its key', async () => {
    bench.simulator.script({ reply: () => jsonReply(503, { error: { message: 'Overloaded.' } }) });
    const job = await accept();
    const jobId = jobIdOf(job.queryId, 1);
    await bench.producer.answer(job);
    const queue = bench.queue(answerQuery.queue);
    await vi.waitFor(async () => expect(await queue.getJobState(jobId)).toBe('delayed'), {
      timeout: 10_000,
    });
    expect((await queue.getJob(jobId))?.data).toHaveProperty('sealed');
    expect((await row(job.queryId))?.state).toBe('queued');
  });
});
