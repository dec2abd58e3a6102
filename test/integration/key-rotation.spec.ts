import { randomUUID } from 'node:crypto';

import { generateSealingPair, KeySealer } from '@app/caller-keys';
import { keyListSetting } from '@app/config';
import { type AnswerQuery, answerQuery, jobIdOf } from '@app/jobs';
import { aHistory, aNewQuery, aQuestion } from '@app/memory/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { storeHistories } from '../support/histories.js';
import { type WorkerBench, workerBench } from '../support/workers.js';
import { CallersJobs, SingleQueries } from '../support/single-jobs.js';

const ACCOUNT = randomUUID();
const OLD = generateSealingPair('2026-04');
const NEW = generateSealingPair('2026-11');

/** The sealer of a gateway with this CALLER_KEY_PUBLIC_KEYS. */
const gateway = (...publicKeys: string[]): KeySealer =>
  new KeySealer(keyListSetting.parse(publicKeys.join(',')));
const beforeRotation = gateway(OLD.publicKeys);
const duringRotation = gateway(NEW.publicKeys, OLD.publicKeys);

let bench: WorkerBench;
let queries: SingleQueries;
let jobs: CallersJobs;
let worker: INestApplicationContext | undefined;

beforeAll(async () => {
  bench = await workerBench('key-rotation');
  queries = new SingleQueries(bench.connected.database);
  jobs = new CallersJobs(bench.connected.database);
  await storeHistories(bench.connected.database, [
    aHistory({ accountId: ACCOUNT, text: 'Ana lives in Lisbon.' }),
  ]);
});
afterEach(async () => {
  await worker?.close();
  worker = undefined;
  bench.simulator.reset();
});
afterAll(() => bench.close());

/** A worker with these private keys, in the order of its CALLER_KEY_PRIVATE_KEYS. */
async function startWorker(...privateKeys: string[]): Promise<void> {
  worker = await bench.startQuery({ CALLER_KEY_PRIVATE_KEYS: privateKeys.join(',') });
}

/** An accepted query whose target was sealed by this gateway; it waits for a worker. */
async function accept(sealer: KeySealer, key: string): Promise<AnswerQuery> {
  const query = aNewQuery({
    asker: { accountId: ACCOUNT, apiKeyId: randomUUID() },
    question: aQuestion({ scope: { accountId: ACCOUNT, tenantId: null } }),
    llmAccount: 'caller',
  });
  await queries.accept(query);
  const sealed = sealer.seal(
    { target: bench.target(key), expiresAt: new Date(Date.now() + 60_000) },
    { queue: answerQuery.queue, jobId: jobIdOf(query.id, 1), accountId: ACCOUNT },
  );
  const job = { queryId: query.id, run: 1, accountId: ACCOUNT, requestId: 'r' };
  const accepted: AnswerQuery = { v: 1, ...job, stored: true, llmAccount: 'caller', sealed };
  await bench.producer.answer(accepted);
  return accepted;
}

async function ended({ queryId }: AnswerQuery) {
  return vi.waitFor(async () => {
    const job = await jobs.find(ACCOUNT, queryId);
    expect(['succeeded', 'failed']).toContain(job?.state);
    return job;
  }, 10_000);
}

const keysSeen = (): (string | undefined)[] =>
  bench.simulator.calls.map(({ headers }) => headers.authorization);

describe('during the rotation of the sealing pair', () => {
  it('a job sealed with the old key and one sealed with the new key both run with their own keys', async () => {
    const before = await accept(beforeRotation, 'sk-before-0123456789abcdef');
    const after = await accept(duringRotation, 'sk-after-0123456789abcdef');
    expect(before.sealed?.split('.')[1]).toBe('2026-04');
    expect(after.sealed?.split('.')[1]).toBe('2026-11');
    await startWorker(NEW.privateKeys, OLD.privateKeys);
    expect(await ended(before)).toMatchObject({ state: 'succeeded' });
    expect(await ended(after)).toMatchObject({ state: 'succeeded' });
    expect(new Set(keysSeen())).toEqual(
      new Set(['Bearer sk-before-0123456789abcdef', 'Bearer sk-after-0123456789abcdef']),
    );
  });

  it('a worker with the new key first still opens what the gateway seals with the old key', async () => {
    await startWorker(OLD.privateKeys, NEW.privateKeys);
    expect(await ended(await accept(beforeRotation, 'sk-before-0123456789abcdef'))).toMatchObject({
      state: 'succeeded',
    });
  });
});

describe('once the old key is removed', () => {
  it('a job sealed with it ends as caller_key_unavailable, without a call, and is wiped', async () => {
    const late = await accept(beforeRotation, 'sk-late-0123456789abcdef');
    await startWorker(NEW.privateKeys);
    expect(await ended(late)).toMatchObject({
      state: 'failed',
      failure: { code: 'caller_key_unavailable' },
    });
    expect(bench.simulator.calls).toEqual([]);
    const job = await vi.waitFor(async () => {
      const found = await bench.queue(answerQuery.queue).getJob(jobIdOf(late.queryId, 1));
      expect(await found?.getState()).toBe('failed');
      return found;
    });
    expect(job?.data).not.toHaveProperty('sealed');
  });

  it('a job sealed with the new key runs', async () => {
    const after = await accept(duringRotation, 'sk-after-0123456789abcdef');
    await startWorker(NEW.privateKeys);
    expect(await ended(after)).toMatchObject({ state: 'succeeded' });
  });

  it('a different pair under the old name opens nothing', async () => {
    const late = await accept(beforeRotation, 'sk-late-0123456789abcdef');
    await startWorker(generateSealingPair('2026-04').privateKeys);
    expect(await ended(late)).toMatchObject({ failure: { code: 'caller_key_unavailable' } });
    expect(bench.simulator.calls).toEqual([]);
  });
});
