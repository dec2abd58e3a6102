import { AppError } from '@app/errors';
import {
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
import { type Attempt, AttemptRunner } from '@app/worker';
import { type Job, Worker } from 'bullmq';
import { describe, expect, inject, it } from 'vitest';

import { extractionBench } from '../support/extraction-bench.js';
import { perFile } from '../support/per-file.js';
import { workerBench } from '../support/workers.js';

const PREFIX = 'workers-unstorable';

const bench = await perFile(workerBench(PREFIX));
const use = extractionBench(bench);

class KeptReplies extends ReplyOutbox {
  readonly sent: Reply[] = [];
  override async send(_address: string, reply: Reply): Promise<void> {
    this.sent.push(reply);
  }
  override async sendProgress(): Promise<void> {}
  override onCancel(): void {}
}

const noOrder: FairOrder = {
  add: () => Promise.resolve(),
  arrange: () => Promise.resolve(),
  leave: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const noRefusals = new RefusedKeys(
  { get: () => Promise.resolve(null), penalty: () => Promise.reject(new Error()) },
  () => Promise.resolve(),
);

interface Refusals {
  /** Runs before the row is ended with a result. */
  readonly ofResult?: () => Promise<unknown>;
  /** Runs before the row is ended with its first failure. */
  readonly ofFailure?: () => Promise<unknown>;
}

const noStatement = (): Promise<unknown> => Promise.resolve();

/**
 * Runs one real job of a real row. The store makes storable whatever it is given, so a real statement that Postgres refuses
 * stands in for a value that it does not know of.
 * @param work is the model's part. @returns what became of it, and how often it was asked.
 */
async function run(
  work: () => Promise<ExtractedFacts>,
  { ofResult = noStatement, ofFailure = noStatement }: Refusals,
) {
  const outbox = new KeptReplies();
  const runner = new AttemptRunner(outbox, jobObserver, noRefusals, noOrder, {
    timeoutMs: 10_000,
    concurrency: 1,
    graceMs: 0,
  });
  const { write, jobId } = await use.enqueue({ payload: { replyTo: 'a-gateway' } });
  let [calls, failures] = [0, 0];
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
      complete: async (found) => {
        await ofResult();
        return (await use.writes.complete(claim, found)) ? settled : undefined;
      },
      fail: async (failure) => {
        failures += 1;
        if (failures === 1) await ofFailure();
        return (await use.writes.fail(claim, failure)) ? settled : undefined;
      },
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
  const row = await use.row(write.id);
  // A job that ended well is gone from the queue.
  const job = row?.state === 'failed' ? await use.jobOf(jobId) : undefined;
  return {
    calls,
    row,
    replies: outbox.sent,
    data: job?.data as unknown,
    failedReason: job?.failedReason,
  };
}

const refused = (statement: string) => () => bench.connected.database.query(statement);

describe('a row that cannot store the result of its job', () => {
  it.each([
    ['a text that Postgres has not', refused(String.raw`select '"\u0000"'::jsonb`)],
    ['a date that Postgres has not', refused(`select '300000-01-01'::timestamptz`)],
    ['a number that is too large', refused('select 3000000000::int')],
    ['a date that is none', () => Promise.resolve().then(() => new Date(NaN).toISOString())],
  ])('ends at once when it is %s, after one call', async (_what, ofResult) => {
    const ended = await run(() => Promise.resolve(extracted([aFact()])), { ofResult });
    expect(ended).toMatchObject({
      calls: 1,
      row: { state: 'failed', attempt: 1, failure: { code: 'llm_invalid_output' } },
      failedReason: 'llm_invalid_output',
      replies: [{ kind: 'settled' }],
    });
    expect(ended.data).not.toHaveProperty('sealed');
  });

  it('ends with the code alone when it cannot store the provider’s words', async () => {
    const words = 'The model said: something.';
    const ended = await run(() => Promise.reject(new AppError('llm_rejected_request', words)), {
      ofFailure: refused(String.raw`select '"\u0000"'::jsonb`),
    });
    expect(ended).toMatchObject({
      calls: 1,
      row: { state: 'failed', attempt: 1, failure: { code: 'llm_rejected_request' } },
      replies: [{ kind: 'settled' }],
    });
    expect(JSON.stringify(ended.row)).not.toContain('something');
    expect(ended.data).not.toHaveProperty('sealed');
  });

  it('is completed when the store can make the result storable', async () => {
    const found = extracted([aFact()], { extraction: anExtraction({ model: 'a\u0000b' }) });
    const ended = await run(() => Promise.resolve(found), {});
    expect(ended).toMatchObject({ calls: 1, row: { state: 'succeeded', attempt: 1 } });
  });
});
