import { AppError } from '@app/errors';
import {
  type Attempt,
  AttemptRunner,
  type ExtractMemories,
  extractMemories,
  FairOrder,
  jobIdOf,
  prefixOf,
  queueConnection,
  RefusedKeys,
  type Reply,
  ReplyOutbox,
} from '@app/jobs';
import type { ExtractedFacts } from '@app/memory';
import { aFact, anExtraction, extracted } from '@app/memory/testing';
import { jobObserver } from '@app/observability';
import { type Job, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { type WorkerBench, workerBench } from '../support/workers.js';

const PREFIX = 'workers-unstorable';

let bench: WorkerBench;
let use: ReturnType<typeof extractionBench>;

beforeAll(async () => {
  bench = await workerBench(PREFIX);
  use = extractionBench(bench);
});
afterAll(() => bench.close());

class KeptReplies extends ReplyOutbox {
  readonly sent: Reply[] = [];
  override async send(_address: string, reply: Reply): Promise<void> {
    this.sent.push(reply);
  }
  override async tell(): Promise<void> {}
  override onCancel(): void {}
}

const noOrder: FairOrder = {
  priorities: () => Promise.resolve([]),
  arrange: () => Promise.resolve(),
  leave: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const noRefusals = new RefusedKeys(
  { get: () => Promise.resolve(null), penalty: () => Promise.reject(new Error()) },
  () => Promise.resolve(),
);

/** Runs one real job of a real row. @param work is the model's part. @returns what became of it, and how often it was asked. */
async function run(work: () => Promise<ExtractedFacts>) {
  const outbox = new KeptReplies();
  const runner = new AttemptRunner(outbox, jobObserver, noRefusals, noOrder, {
    deadlineMs: 10_000,
    concurrency: 1,
    graceMs: 0,
  });
  const { write, jobId } = await use.enqueue({ payload: { replyTo: 'a-gateway' } });
  let calls = 0;
  const begin = async ({ writeId, run: number }: ExtractMemories) => {
    const settled: Reply = { kind: 'settled', jobId: jobIdOf(writeId, number) };
    const claim = await use.writes.claim(writeId, number);
    if (!claim) return settled;
    return {
      isWaitedFor: () => Promise.resolve(false),
      deadlineAt: claim.deadlineAt,
      work: () => {
        calls += 1;
        return work();
      },
      complete: async (found) => ((await use.writes.complete(claim, found)) ? settled : undefined),
      fail: async (failure) => ((await use.writes.fail(claim, failure)) ? settled : undefined),
      handBack: () => use.writes.handBack(claim),
    } satisfies Attempt<ExtractedFacts>;
  };
  const ended = Promise.withResolvers<void>();
  const worker = new Worker(
    extractMemories.queue,
    (job: Job, token?: string, signal?: AbortSignal) =>
      runner.run(extractMemories, { job, token, signal }, begin).finally(ended.resolve),
    {
      connection: queueConnection({ url: inject('redisUrl'), role: 'worker' }),
      prefix: prefixOf(extractMemories.queue, { prefix: PREFIX }),
    },
  ).on('error', () => undefined);
  await ended.promise;
  await worker.close();
  const job = await use.jobOf(jobId);
  const row = await use.row(write.id);
  return {
    calls,
    row,
    replies: outbox.sent,
    data: job.data as unknown,
    failedReason: job.failedReason,
  };
}

describe('a row that does not take what its job came to', () => {
  it.each([
    [
      'a text that Postgres has not',
      () => extracted([aFact()], { extraction: anExtraction({ model: 'a\u0000b' }) }),
    ],
    ['a date that Postgres has not', () => extracted([aFact({ validFrom: new Date(-9e14) })])],
    ['a date that is none', () => extracted([aFact({ validFrom: new Date(Number.NaN) })])],
    ['a number that is too large', () => extracted([aFact()], { llmCalls: 3e9 })],
  ])('ends at once where it is %s, with one call made', async (_what, found) => {
    const ended = await run(() => Promise.resolve(found()));
    expect(ended).toMatchObject({
      calls: 1,
      row: { state: 'failed', attempt: 1, failure: { code: 'llm_invalid_output' } },
      failedReason: 'llm_invalid_output',
      replies: [{ kind: 'settled' }],
    });
    expect(ended.data).not.toHaveProperty('sealed');
  });

  it('ends with the code alone where it is a provider’s words', async () => {
    const ended = await run(() =>
      Promise.reject(new AppError('llm_rejected_request', 'The model said: bad\u0000thing.')),
    );
    expect(ended).toMatchObject({
      calls: 1,
      row: { state: 'failed', attempt: 1, failure: { code: 'llm_rejected_request' } },
      replies: [{ kind: 'settled' }],
    });
    expect(JSON.stringify(ended.row)).not.toContain('thing');
    expect(ended.data).not.toHaveProperty('sealed');
  });
});
