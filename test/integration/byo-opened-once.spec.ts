import { randomUUID } from 'node:crypto';

import { answerQuery, extractMemories, jobIdOf, type JobProducer, verifyLlm } from '@app/jobs';
import { aHistory, aQuestion } from '@app/memory/testing';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { CALLER_KEY, extractionBench } from '../support/extraction-bench.js';
import { storeHistories } from '../support/histories.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const ACCOUNT = randomUUID();
const GONE = { kind: 'failure', failure: { code: 'caller_key_unavailable' } };

const bench = await perFile(workerBench('byo-opened-once'));

beforeAll(async () => {
  await storeHistories(bench.connected.database, [
    aHistory({ accountId: ACCOUNT, text: 'Ana lives in Lisbon.' }),
  ]);
});
afterEach(() => bench.simulator.reset());

/** A job without a row, in the two forms that there are. */
interface RowlessJob {
  readonly queue: string;
  readonly name: string;
  readonly jobId: string;
  readonly data: object;
  readonly send: () => Promise<void>;
}

function question(): RowlessJob {
  const queryId = randomUUID();
  const jobId = jobIdOf(queryId, 1);
  const data: Parameters<JobProducer['answer']>[0] = {
    v: 1,
    queryId,
    run: 1,
    accountId: ACCOUNT,
    stored: false,
    llmAccount: 'caller',
    sealed: sealed(answerQuery.queue, jobId, {
      question: aQuestion({ scope: { accountId: ACCOUNT, tenantId: null } }),
    }),
    replyTo: bench.inbox.address,
    requestId: 'r',
  };
  const { queue, name } = answerQuery;
  return { queue, name, jobId, data, send: () => bench.producer.answer(data) };
}

function verification(): RowlessJob {
  const verificationId = randomUUID();
  const jobId = jobIdOf(verificationId, 1);
  const data: Parameters<JobProducer['verify']>[0] = {
    v: 1,
    verificationId,
    run: 1,
    accountId: ACCOUNT,
    sealed: sealed(verifyLlm.queue, jobId),
    refusalsUnder: 'a-caller',
    replyTo: bench.inbox.address,
    requestId: 'r',
  };
  const { queue, name } = verifyLlm;
  return { queue, name, jobId, data, send: () => bench.producer.verify(data) };
}

const sealed = (queue: string, jobId: string, more: object = {}) =>
  bench.sealer.seal(
    { target: bench.target(CALLER_KEY), expiresAt: new Date(Date.now() + 60_000), ...more },
    { queue, jobId, accountId: ACCOUNT },
  );

/** An attack through Redis: a job that was seen there is queued again. */
const replay = ({ queue, name, jobId, data }: RowlessJob, under: string) =>
  bench.replyTo(jobId, async () => {
    await bench.queue(queue).add(name, data, { jobId: under, attempts: 1, removeOnComplete: true });
  });

describe.each([
  ['a question that is waited for', question],
  ['a verification', verification],
])('the envelope of %s', (_title, make) => {
  it('opens once, whichever worker finds it, and under every job id', async () => {
    const first = await bench.startQuery();
    const job = make();
    expect(await bench.replyTo(job.jobId, job.send)).toMatchObject({ kind: 'answer' });
    const calls = bench.simulator.calls.length;
    expect(calls).toBeGreaterThan(0);
    // The queue ignores a job whose id it still has.
    await vi.waitFor(async () =>
      expect(await bench.queue(job.queue).getJob(job.jobId)).toBeUndefined(),
    );
    for (const under of [job.jobId, randomUUID()])
      expect(await replay(job, under)).toMatchObject(GONE);
    await first.close();
    const second = await bench.startQuery();
    await bench.queue(job.queue).clean(0, 100, 'failed');
    expect(await replay(job, job.jobId)).toMatchObject(GONE);
    expect(bench.simulator.calls).toHaveLength(calls);
    await second.close();
  });

  it('opens again for another worker after its job was handed back', async () => {
    const first = await bench.startQuery();
    bench.simulator.script({ delayMs: 30_000 }, {});
    const job = make();
    using expected = bench.inbox.expect(job.jobId);
    await job.send();
    await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
    const second = await bench.startQuery();
    await first.close();
    expect(await expected.reply(20_000)).toMatchObject({ kind: 'answer' });
    await second.close();
  });
});

it('a copy of a write’s job under another id makes no call, and the write itself succeeds', async () => {
  const worker = await bench.startExtraction();
  const use = extractionBench(bench);
  bench.simulator.script({ delayMs: 1_500 }, {});
  const { write, jobId } = await use.enqueue();
  await vi.waitFor(() => expect(bench.simulator.calls).toHaveLength(1), { timeout: 10_000 });
  const { data } = await use.jobOf(jobId);
  await use.queue.add(extractMemories.name, data, { jobId: randomUUID(), removeOnComplete: true });
  await use.stateIs(write.id, 'succeeded');
  expect(await use.row(write.id)).toMatchObject({ attempt: 1 });
  expect(bench.simulator.calls).toHaveLength(1);
  await worker.close();
});
