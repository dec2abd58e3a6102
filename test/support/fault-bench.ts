import { setTimeout as delay } from 'node:timers/promises';

import { CONTRACTS, prefixOf } from '@app/jobs';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { expect, vi } from 'vitest';

import type { Call } from '../../scripts/simulator/index.js';
import {
  type FaultPostgres,
  type FaultServer,
  ownPostgres,
  ownRedis,
  type PostgresOptions,
} from './fault-servers.js';
import { type Product, type ProductOptions, startProduct } from './product.js';

const CALLERS_KEY = 'sk-callers-own-key-of-the-fault-tests-0123456789';
const BUNDLED_KEY = 'sk-ant-operators-key-of-the-fault-tests-0123456789';
const TOKEN = /token-\d+x/;
const PAUSE_MS = 40;
const ENDS_WITHIN_MS = 150_000;

/** One write that was posted, and the answer to it. */
interface Posted {
  readonly token: string;
  readonly byo: boolean;
  /** 0: the connection ended before an answer. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly jobId: string | undefined;
}

/** The next `times` calls of the model are late, or follow a scenario of the simulator. */
export interface Hitch {
  readonly times?: number;
  readonly delayMs?: number;
  readonly scenario?: string;
}

/** The results of all posted writes after the last one has ended. */
export interface Outcome {
  readonly posted: number;
  readonly accepted: number;
  readonly succeeded: number;
  /** The number of failed jobs by code. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface FaultBench {
  readonly product: Product;
  readonly redis: FaultServer;
  readonly postgres: FaultPostgres;
  /** Posts asynchronous writes until stopped, alternately on the caller's account and on the bundled account. */
  load(): { stop(): Promise<void> };
  post(byo: boolean): Promise<Posted>;
  /** Plans the next calls of the model; all later calls answer at once. Forgets the recorded calls. */
  plan(hitch: Hitch): void;
  /**
   * Waits until every accepted write has ended, and checks the promise of a 202: the write ends, a success is stored once,
   * a failure is not stored, every other answer is a 503 with Retry-After, and no job or envelope is left in Redis. A write
   * without an answer, or one whose database connection broke during the commit, may be stored, but only once.
   */
  settled(): Promise<Outcome>;
  /** Waits until the readiness of each of these apps has this status. */
  untilReadinessIs(status: number, apps: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The whole product on servers of its own. Each write has a different fact. */
export async function faultBench(
  options: Omit<ProductOptions, 'servers'> & { readonly postgres?: PostgresOptions } = {},
): Promise<FaultBench> {
  const { postgres: ofPostgres, ...product } = options;
  const [redis, postgres] = await Promise.all([ownRedis(), ownPostgres(ofPostgres)]);
  const closeServers = () => Promise.all([redis.close(), postgres.close()]);
  const started = await startProduct({
    bundledKey: BUNDLED_KEY,
    ...product,
    environment: { RECONCILE_INTERVAL_MS: '1000', LOG_LEVEL: 'info', ...product.environment },
    servers: {
      database: { url: postgres.url, drop: () => Promise.resolve() },
      queueUrl: redis.url,
    },
  }).catch(async (error: unknown) => {
    await closeServers();
    throw error;
  });
  planModel(started, {});
  const posted: Posted[] = [];
  const urls = [started.url, ...(product.twice?.includes('gateway') ? [started.secondUrl] : [])];
  const apiKey = await started.makeAccount();
  let counter = 0;
  /** Ends the load of a test that failed. */
  const loading = new AbortController();

  const post = async (byo: boolean): Promise<Posted> => {
    const token = `token-${(counter += 1)}x`;
    // Two writes to each gateway in turn: a load alternates between the accounts, and each gateway must get both.
    const url = urls[Math.floor(counter / 2) % urls.length] ?? '';
    const one = await postWrite(url, apiKey, token, byo, started);
    posted.push(one);
    return one;
  };
  return {
    product: started,
    redis,
    postgres,
    post,
    plan: (hitch) => planModel(started, hitch),
    load: () => {
      const stopping = new AbortController();
      const over = AbortSignal.any([stopping.signal, loading.signal]);
      const running = (async () => {
        for (let turn = 0; !over.aborted; turn += 1) {
          await post(turn % 2 === 0);
          await delay(PAUSE_MS);
        }
      })();
      return {
        stop: async () => {
          stopping.abort();
          await running;
        },
      };
    },
    untilReadinessIs: (status, apps) =>
      vi.waitFor(
        async () => {
          const said = await Promise.all(apps.map((app) => started.readiness(app)));
          expect(said.map((one) => one?.status)).toEqual(apps.map(() => status));
        },
        { timeout: 20_000, interval: 250 },
      ),
    settled: () => settledOutcome(posted, postgres.url, redis.url, started.queuePrefix),
    close: async () => {
      // A process that died by itself fails the file, even when all writes ended well.
      loading.abort();
      const crashed = started.crashed();
      await started.stop();
      await closeServers();
      expect(crashed, 'processes that ended by themselves').toEqual([]);
    },
  };
}

const factOfToken = ({ body }: Call): string => {
  const token = TOKEN.exec(JSON.stringify(body))?.[0];
  const fact = { fact: `The token is ${token}.`, topic: 'Tokens', category: 'other' };
  return JSON.stringify({
    facts: [{ ...fact, importance: 5, valid_from: null, messages: [0] }],
    note: null,
  });
};

/** The model finds one fact in each conversation: its token. The planned calls come first. */
function planModel({ simulator }: Product, first: Hitch): void {
  const ofToken = { when: ({ body }: Call): boolean => TOKEN.test(JSON.stringify(body)) };
  const { times = 0, delayMs, scenario } = first;
  simulator.reset();
  simulator.script(
    scenario === undefined
      ? { ...ofToken, times, answer: factOfToken, ...(delayMs !== undefined && { delayMs }) }
      : { ...ofToken, times, scenario },
    { ...ofToken, times: Infinity, answer: factOfToken },
  );
}

async function postWrite(
  url: string,
  apiKey: string,
  token: string,
  byo: boolean,
  { simulator }: Product,
): Promise<Posted> {
  const llm = {
    provider: 'openai',
    model: 'gpt-5-mini',
    key: CALLERS_KEY,
    base_url: `${simulator.url}/v1`,
  };
  const body = {
    messages: [{ role: 'user', content: `The token is ${token}.` }],
    ...(byo && { llm }),
  };
  try {
    const answer = await fetch(`${url}/agent/memories`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        prefer: 'respond-async',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const json = (await answer.json()) as { readonly job_id?: string };
    const retryAfter = answer.headers.get('retry-after');
    return { token, byo, status: answer.status, retryAfter, jobId: json.job_id };
  } catch {
    return { token, byo, status: 0, retryAfter: null, jobId: undefined };
  }
}

async function settledOutcome(
  posted: readonly Posted[],
  databaseUrl: string,
  queueUrl: string,
  queuePrefix: string,
): Promise<Outcome> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const redis = new Redis(queueUrl);
  try {
    await vi.waitFor(
      async () => {
        const unfinished = `select count(*)::int as n from writes where state in ('queued', 'running')`;
        expect((await client.query(unfinished)).rows).toEqual([{ n: 0 }]);
        expect(await jobsLeft(redis, queuePrefix)).toEqual([]);
      },
      { timeout: ENDS_WITHIN_MS, interval: 250 },
    );
    const { rows: writes } = await client.query<{ id: string; state: string; code: string | null }>(
      `select id, state, failure ->> 'code' as code from writes`,
    );
    const { rows: facts } = await client.query<{ text: string; n: number }>(
      'select text, count(*)::int as n from memories group by text',
    );
    // The `await` is needed, because `finally` closes the connection.
    return await hold(posted, new Map(writes.map((write) => [write.id, write])), facts, redis);
  } finally {
    await client.end();
    redis.disconnect();
  }
}

interface Ended {
  readonly state: string;
  readonly code: string | null;
}

async function hold(
  posted: readonly Posted[],
  writes: ReadonlyMap<string, Ended>,
  facts: readonly { readonly text: string; readonly n: number }[],
  redis: Redis,
): Promise<Outcome> {
  const stored = new Map(facts.map(({ text, n }) => [TOKEN.exec(text)?.[0] ?? text, n]));
  expect(facts.filter(({ n }) => n !== 1)).toEqual([]);
  const failures: Record<string, number> = {};
  let [accepted, succeeded] = [0, 0];
  for (const one of posted) {
    if (one.status === 202) {
      accepted += 1;
      const ended = writes.get(one.jobId ?? '');
      expect(ended?.state).toMatch(/^(succeeded|failed)$/);
      const isStored = stored.get(one.token) === 1;
      expect({ token: one.token, isStored }).toEqual({
        token: one.token,
        isStored: ended?.state === 'succeeded',
      });
      if (isStored) succeeded += 1;
      else failures[ended?.code ?? 'none'] = (failures[ended?.code ?? 'none'] ?? 0) + 1;
    } else if (one.status !== 0) {
      expect(one).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    }
  }
  expect(await sealedKeysIn(redis)).toEqual([]);
  return { posted: posted.length, accepted, succeeded, failures };
}

/** Jobs that wait, run or are delayed, by queue. */
async function jobsLeft(redis: Redis, queuePrefix: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { queue } of CONTRACTS) {
    const prefix = prefixOf(queue, { prefix: queuePrefix });
    const lists = await Promise.all([
      redis.llen(`${prefix}:${queue}:wait`),
      redis.llen(`${prefix}:${queue}:active`),
      redis.zcard(`${prefix}:${queue}:delayed`),
      redis.zcard(`${prefix}:${queue}:prioritized`),
    ]);
    const count = lists.reduce((sum, length) => sum + length, 0);
    if (count > 0) left.push(`${queue}: ${lists.join(', ')}`);
  }
  return left;
}

/** Names of those keys of Redis that hold an envelope. */
async function sealedKeysIn(redis: Redis): Promise<readonly string[]> {
  const keys = await redis.keys('*');
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return keys.filter((_, index) => dumps[index]?.includes('"sealed":"v1') === true);
}
