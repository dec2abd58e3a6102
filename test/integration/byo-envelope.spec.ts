import { randomUUID } from 'node:crypto';

import { type EnvelopeContent, llmTargetSchema } from '@app/caller-keys';
import { answerQuery, extractMemories, jobIdOf } from '@app/jobs';
import { aHistory, aNewQuery, aNewWrite, aQuestion } from '@app/memory/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Simulator, startSimulator } from '../../scripts/simulator/index.js';
import { CALLER_KEY, extractionBench } from '../support/extraction-bench.js';
import { storeHistories } from '../support/histories.js';
import { type WorkerBench, workerBench } from '../support/workers.js';
import { SingleQueries } from '../support/single-jobs.js';

const ACCOUNT = randomUUID();
const OTHER_ACCOUNT = randomUUID();

let bench: WorkerBench;
let use: ReturnType<typeof extractionBench>;
/** Where the operator's own account leads, and where a row is tampered to lead. */
let bundled: Simulator;
let elsewhere: Simulator;

beforeAll(async () => {
  [bundled, elsewhere] = [await startSimulator(), await startSimulator()];
  bench = await workerBench('byo-envelope');
  use = extractionBench(bench);
  await storeHistories(bench.connected.database, [
    aHistory({ accountId: ACCOUNT, text: 'Ana lives in Lisbon.' }),
  ]);
  const environment = {
    BUNDLED_ANTHROPIC_API_KEY: 'sk-ant-operators-own-0123456789',
    BUNDLED_ANTHROPIC_BASE_URL: bundled.url,
    LLM_ALLOWED_HOSTS: `127.0.0.1:${bench.simulator.port},127.0.0.1:${elsewhere.port}`,
  };
  await bench.startExtraction(environment);
  await bench.startQuery(environment);
});
afterEach(() => {
  for (const simulator of [bench.simulator, bundled, elsewhere]) simulator.reset();
});
afterAll(async () => {
  await bench.close();
  await Promise.all([bundled.close(), elsewhere.close()]);
});

interface Tampered {
  readonly queue?: string;
  readonly jobId?: string;
  readonly accountId?: string;
  readonly expiresAt?: Date;
}

const enclosed = (over: Partial<EnvelopeContent> = {}): EnvelopeContent => ({
  target: bench.target(CALLER_KEY),
  expiresAt: new Date(Date.now() + 60_000),
  ...over,
});

/** How an envelope may fail to be the one of its job. */
const TAMPERED: Readonly<Record<string, () => Tampered | 'none' | 'broken'>> = {
  missing: () => 'none',
  'that was changed by one bit': () => 'broken',
  'that has expired': () => ({ expiresAt: new Date(Date.now() - 1) }),
  'of another job': () => ({ jobId: jobIdOf(randomUUID(), 1) }),
  'of an earlier run': () => ({ jobId: 'earlier' }),
  'of another account': () => ({ accountId: OTHER_ACCOUNT }),
  'of the other queue': () => ({ queue: 'other' }),
};

function sealedFor(binding: { queue: string; id: string; run: number }, tampered: Tampered) {
  const { queue, id, run } = binding;
  return bench.sealer.seal(enclosed(tampered.expiresAt && { expiresAt: tampered.expiresAt }), {
    queue: tampered.queue === undefined ? queue : queue === 'query' ? 'extraction' : 'query',
    jobId:
      tampered.jobId === 'earlier' ? jobIdOf(id, run + 1) : (tampered.jobId ?? jobIdOf(id, run)),
    accountId: tampered.accountId ?? ACCOUNT,
  });
}

function envelopeOf(queue: string, id: string, how: Tampered | 'none' | 'broken') {
  if (how === 'none') return undefined;
  const sealed = sealedFor({ queue, id, run: 1 }, how === 'broken' ? {} : how);
  if (how !== 'broken') return sealed;
  const [last] = sealed.slice(-1);
  return `${sealed.slice(0, -1)}${last === 'A' ? 'B' : 'A'}` as typeof sealed;
}

const asker = { accountId: ACCOUNT, apiKeyId: randomUUID() };

async function storedQuery(llmAccount: 'caller' | 'bundled' = 'caller'): Promise<string> {
  const question = aQuestion({ scope: { accountId: ACCOUNT, tenantId: null } });
  const query = aNewQuery({ asker, question, llmAccount });
  await new SingleQueries(bench.connected.database).accept(query);
  return query.id;
}

const failureIn = async (table: 'writes' | 'queries', id: string): Promise<string | undefined> => {
  const [row] = await bench.connected.database.query<{ code: string; state: string }>(
    `select state, failure ->> 'code' as code from ${table} where id = $1`,
    [id],
  );
  return row?.state === 'failed' ? row.code : undefined;
};

const called = (): number =>
  bench.simulator.calls.length + bundled.calls.length + elsewhere.calls.length;

describe.each(Object.entries(TAMPERED))('an envelope %s', (_title, tamper) => {
  it('fails its write, without a provider call', async () => {
    const id = randomUUID();
    const { jobId } = await use.enqueue({
      write: { id, asker },
      payload: { sealed: envelopeOf('extraction', id, tamper()) },
    });
    await use.jobIs(jobId, 'failed');
    expect(await failureIn('writes', id)).toBe('caller_key_unavailable');
    expect((await use.jobOf(jobId)).data).not.toHaveProperty('sealed');
    expect(called()).toBe(0);
  });

  it('fails its asynchronous query, without a provider call', async () => {
    const queryId = await storedQuery();
    const sealed = envelopeOf('query', queryId, tamper());
    await bench.producer.answer({
      v: 1,
      queryId,
      run: 1,
      accountId: ACCOUNT,
      stored: true,
      llmAccount: 'caller',
      ...(sealed && { sealed }),
      requestId: 'r',
    });
    await vi.waitFor(async () =>
      expect(await failureIn('queries', queryId)).toBe('caller_key_unavailable'),
    );
    expect(called()).toBe(0);
  });

  it('fails its synchronous query, without a provider call', async () => {
    const queryId = randomUUID();
    const sealed = envelopeOf('query', queryId, tamper());
    const reply = await bench.replyTo(jobIdOf(queryId, 1), () =>
      bench.producer.answer({
        v: 1,
        queryId,
        run: 1,
        accountId: ACCOUNT,
        stored: false,
        llmAccount: 'caller',
        ...(sealed && { sealed }),
        replyTo: bench.inbox.address,
        requestId: 'r',
      }),
    );
    expect(reply).toMatchObject({ kind: 'failure', failure: { code: 'caller_key_unavailable' } });
    expect(called()).toBe(0);
  });
});

describe('a synchronous query whose payload says bundled', () => {
  it.each([
    ['a caller’s target', true, 'bundled'],
    ['no target', false, 'caller'],
  ] as const)(
    'over an envelope with %s, or the other way round, makes no call',
    async (_title, hasTarget, llmAccount) => {
      const queryId = randomUUID();
      const jobId = jobIdOf(queryId, 1);
      const question = aQuestion({ scope: { accountId: ACCOUNT, tenantId: null } });
      const sealed = bench.sealer.seal(
        enclosed({ ...(!hasTarget && { target: null }), question }),
        {
          queue: answerQuery.queue,
          jobId,
          accountId: ACCOUNT,
        },
      );
      const job = {
        v: 1 as const,
        queryId,
        run: 1,
        accountId: ACCOUNT,
        stored: false,
        requestId: 'r',
      };
      const reply = await bench.replyTo(jobId, () =>
        bench.producer.answer({ ...job, llmAccount, sealed, replyTo: bench.inbox.address }),
      );
      expect(reply).toMatchObject({ kind: 'failure', failure: { code: 'caller_key_unavailable' } });
      expect(called()).toBe(0);
    },
  );
});

/** The envelope waits in a paused queue while its row is changed. */
async function writeWith(set: string) {
  await use.queue.pause();
  const write = aNewWrite({ asker });
  const made = await use.enqueue({
    write: {
      ...write,
      audit: { provider: 'openai', model: 'gpt-5-mini', baseUrlHost: '127.0.0.1' },
    },
  });
  await bench.connected.database.query(`update writes set ${set} where id = $1`, [made.write.id]);
  await use.queue.resume();
  return made;
}

describe('a row that was changed in Postgres', () => {
  it.each([
    ['base_url_host', () => `llm_base_url_host = '127.0.0.1:${elsewhere.port}'`],
    ['provider', () => `llm_provider = 'anthropic'`],
    ['model', () => `llm_model = 'claude-opus-4-7'`],
  ])('in its %s does not change where the key goes', async (_column, set) => {
    const { write } = await writeWith(set());
    await use.stateIs(write.id, 'succeeded');
    expect(bench.simulator.calls).not.toEqual([]);
    for (const call of bench.simulator.calls) {
      expect(call).toMatchObject({
        path: '/v1/chat/completions',
        headers: { authorization: `Bearer ${CALLER_KEY}` },
        body: { model: 'gpt-5-mini' },
      });
    }
    expect([...bundled.calls, ...elsewhere.calls]).toEqual([]);
  });

  it('to the operator’s account ends without its key and without a call', async () => {
    const { write, jobId } = await writeWith(`llm_account = 'bundled'`);
    await use.jobIs(jobId, 'failed');
    expect(await failureIn('writes', write.id)).toBe('caller_key_unavailable');
    expect(called()).toBe(0);
  });

  it('of a query, to the operator’s account, ends without its key and without a call', async () => {
    const queryId = await storedQuery('bundled');
    await bench.producer.answer({
      v: 1,
      queryId,
      run: 1,
      accountId: ACCOUNT,
      stored: true,
      llmAccount: 'caller',
      sealed: sealedFor({ queue: 'query', id: queryId, run: 1 }, {}),
      requestId: 'r',
    });
    await vi.waitFor(async () =>
      expect(await failureIn('queries', queryId)).toBe('caller_key_unavailable'),
    );
    expect(called()).toBe(0);
  });

  it('to another account does not open the envelope', async () => {
    const { write, jobId } = await writeWith(`account_id = '${OTHER_ACCOUNT}'`);
    await use.jobIs(jobId, 'failed');
    expect(await failureIn('writes', write.id)).toBe('caller_key_unavailable');
    expect(called()).toBe(0);
  });
});

describe('a base_url', () => {
  it('that is sealed is checked again by the worker, in case the gateway’s check failed', async () => {
    const id = randomUUID();
    const jobId = jobIdOf(id, 1);
    const target = llmTargetSchema.parse({
      provider: 'openai',
      model: 'gpt-5-mini',
      key: CALLER_KEY,
      base_url: `http://localhost:${elsewhere.port}/v1`,
    });
    const binding = { queue: extractMemories.queue, jobId, accountId: ACCOUNT };
    await use.enqueue({
      write: { id, asker },
      payload: { sealed: bench.sealer.seal(enclosed({ target }), binding) },
    });
    await use.jobIs(jobId, 'failed');
    expect(await failureIn('writes', id)).toBe('llm_base_url_forbidden');
    expect(called()).toBe(0);
  });
});
