import { setTimeout as delay } from 'node:timers/promises';

import { QUEUE_DEPTH_MAX_AGE_MS } from '@app/jobs/policy';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

import { type CountingProxy, countingProxy } from '../support/counting-proxy.js';
import { freshDatabase } from '../support/databases.js';
import { type Answered, type Product, startProduct } from '../support/product.js';

const APPS = ['gateway', 'extraction-worker', 'query-worker'] as const;
/** Each connection of a pool prepares its statements once, and the sizes of a scope are read once. */
const WARM_UP = 12;
/** Upkeep and heartbeats add messages to some runs, and take none away: the smallest count is the count of the journey. */
const RUNS = 6;
/**
 * After a job's row has ended, its worker still finishes the job in the queue and looks for the next one. In this time the
 * gateway's last measurement of the queue also becomes too old, so that each run measures it once.
 */
const SETTLE_MS = QUEUE_DEPTH_MAX_AGE_MS + 50;

let product: Product;
let watching: Client;
let proxies: Readonly<Record<string, CountingProxy>>;
let wanted = 0;

beforeAll(async () => {
  const database = await freshDatabase();
  const queueUrl = inject('redisUrl');
  const made = APPS.flatMap((app) => [
    [`${app} → Postgres`, countingProxy(database.url, 'postgres')] as const,
    [`${app} → Redis`, countingProxy(queueUrl, 'redis')] as const,
  ]);
  proxies = Object.fromEntries(
    await Promise.all(made.map(async ([name, proxy]) => [name, await proxy] as const)),
  );
  const settingsOf = Object.fromEntries(
    APPS.map((app) => [
      app,
      {
        DATABASE_URL: proxies[`${app} → Postgres`]?.url ?? '',
        QUEUE_URL: proxies[`${app} → Redis`]?.url ?? '',
        // One round of upkeep, at the start.
        RECONCILE_INTERVAL_MS: '3600000',
      },
    ]),
  );
  const servers = { database, queueUrl };
  product = await startProduct({ servers, settingsOf, bundledKey: 'sk-ant-bundled-0123456789' });
  watching = new Client(database.url);
  await watching.connect();
});
afterAll(async () => {
  await watching.end();
  await product.stop();
  for (const proxy of Object.values(proxies)) await proxy.close();
});

const llm = () => ({
  provider: 'openai',
  model: 'gpt-5',
  key: 'sk-caller-0123456789abcdef',
  base_url: `${product.simulator.url}/v1`,
});
const LATER = { prefer: 'respond-async' };
const conversation = () => {
  wanted += 1;
  return [{ role: 'user', name: 'Dana', content: `I moved to street ${wanted} in Lisbon.` }];
};
const write = (body: object, headers = {}): Promise<Answered> =>
  product.call('/agent/memories', { body: { tenant_id: `t${wanted}`, ...body }, headers });
const question = { tenant_id: 'asked', question: 'Where does Dana live?' };

interface Taken {
  readonly roundTrips: number;
  /** The first word of each message, sorted. */
  readonly messages: string;
}

/** Each journey, with what it sends on each connection. */
const JOURNEYS: Readonly<
  Record<string, { run: () => Promise<Answered>; takes: Readonly<Record<string, Taken>> }>
> = {
  'an asynchronous write': {
    run: () => write({ messages: conversation() }, LATER),
    takes: {
      'extraction-worker → Postgres': {
        roundTrips: 2,
        messages: 'begin begin commit commit with with',
      },
      'extraction-worker → Redis': {
        roundTrips: 6,
        messages: 'bzpopmin bzpopmin evalsha evalsha evalsha evalsha',
      },
      'gateway → Postgres': { roundTrips: 2, messages: 'select with' },
      'gateway → Redis': { roundTrips: 2, messages: 'evalsha evalsha' },
    },
  },
  'an asynchronous write with llm': {
    run: () => write({ messages: conversation(), llm: llm() }, LATER),
    takes: {
      'extraction-worker → Postgres': {
        roundTrips: 2,
        messages: 'begin begin commit commit with with',
      },
      'extraction-worker → Redis': {
        roundTrips: 7,
        messages: 'bzpopmin bzpopmin evalsha evalsha evalsha evalsha mget',
      },
      'gateway → Postgres': { roundTrips: 2, messages: 'select with' },
      'gateway → Redis': { roundTrips: 3, messages: 'evalsha evalsha mget' },
    },
  },
  'a write that waits, with llm': {
    run: () => write({ messages: conversation(), llm: llm() }),
    takes: {
      'extraction-worker → Postgres': {
        roundTrips: 2,
        messages: 'begin begin commit commit with with',
      },
      'extraction-worker → Redis': {
        roundTrips: 9,
        messages:
          'bzpopmin bzpopmin evalsha evalsha evalsha evalsha evalsha exec mget multi publish set',
      },
      'gateway → Postgres': {
        roundTrips: 6,
        messages: 'begin begin commit commit select select select set set with',
      },
      'gateway → Redis': { roundTrips: 3, messages: 'evalsha evalsha mget' },
    },
  },
  'a content write': {
    run: () => write({ content: `Dana is in place ${(wanted += 1)}.` }),
    takes: {
      'gateway → Postgres': { roundTrips: 2, messages: 'begin commit select with' },
    },
  },
  'a question with llm': {
    run: () => product.call('/agent/query', { body: { ...question, llm: llm() } }),
    takes: {
      'gateway → Postgres': { roundTrips: 4, messages: 'begin commit insert select select set' },
      'gateway → Redis': { roundTrips: 3, messages: 'evalsha evalsha mget' },
      'query-worker → Postgres': { roundTrips: 3, messages: 'begin commit insert set with' },
      'query-worker → Redis': {
        roundTrips: 12,
        messages:
          'bzpopmin bzpopmin evalsha evalsha evalsha evalsha evalsha evalsha exec mget multi publish publish set set',
      },
    },
  },
  'a search': {
    run: () => product.call('/agent/search', { body: question }),
    takes: {
      'gateway → Postgres': { roundTrips: 3, messages: 'begin commit select set with' },
    },
  },
  'a list of memories': {
    run: () => product.call('/agent/memories?tenant_id=asked'),
    takes: {
      'gateway → Postgres': { roundTrips: 4, messages: 'begin commit select select select' },
    },
  },
};

it.each(Object.entries(JOURNEYS))('%s takes no other messages', async (_name, { run, takes }) => {
  await product.call('/agent/memories', {
    body: { tenant_id: 'asked', content: 'Dana lives in Lisbon.' },
  });
  for (let runs = 0; runs < WARM_UP; runs += 1) await succeeded(run());
  const least = new Map<string, Taken>();
  for (let runs = 0; runs < RUNS; runs += 1) {
    await settled();
    for (const proxy of Object.values(proxies)) proxy.take();
    await succeeded(run());
    await settled();
    for (const [name, proxy] of Object.entries(proxies)) {
      const sent = proxy.take();
      const messages = sent.messages.toSorted().join(' ');
      const before = least.get(name) ?? { messages, roundTrips: sent.roundTrips };
      least.set(name, {
        messages: messages.length < before.messages.length ? messages : before.messages,
        roundTrips: Math.min(sent.roundTrips, before.roundTrips),
      });
    }
  }
  const found = [...least].filter(([, taken]) => taken.messages !== '');
  const compared = found.map(([name, taken]) => [name, comparable(name, taken, takes[name])]);
  expect(Object.fromEntries(compared)).toEqual(takes);
});

/** Commands of Redis that nobody waits for share a round trip in some runs and not in others, so a smaller number is right too. */
function comparable(name: string, taken: Taken, expected: Taken | undefined): Taken {
  if (!name.endsWith('Redis')) return taken;
  return { ...taken, roundTrips: Math.max(taken.roundTrips, expected?.roundTrips ?? 0) };
}

async function succeeded(answer: Promise<Answered>): Promise<void> {
  const { status, text } = await answer;
  if (![200, 201, 202].includes(status)) throw new Error(text);
}

/** Waits until every job has ended. It asks Postgres directly, so no proxy counts it. */
async function settled(): Promise<void> {
  const unfinished = `select from writes where state in ('queued', 'running')`;
  while ((await watching.query(unfinished)).rowCount !== 0) await delay(10);
  await delay(SETTLE_MS);
}
