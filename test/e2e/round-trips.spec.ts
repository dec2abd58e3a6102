import { setTimeout as delay } from 'node:timers/promises';

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
/** After a job's row has ended, its worker still finishes the job in the queue and looks for the next one. */
const SETTLE_MS = 150;

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
const messages = () => {
  wanted += 1;
  return [{ role: 'user', name: 'Dana', content: `I moved to street ${wanted} in Lisbon.` }];
};
const write = (body: object, headers = {}): Promise<Answered> =>
  product.call('/agent/memories', { body: { tenant_id: `t${wanted}`, ...body }, headers });
const question = { tenant_id: 'asked', question: 'Where does Dana live?' };

/** Each journey, and the messages and round trips that it takes: `statements / round trips` or `commands / round trips`. */
const JOURNEYS: Readonly<
  Record<string, { run: () => Promise<Answered>; takes: Readonly<Record<string, string>> }>
> = {
  'an asynchronous write': {
    run: () => write({ messages: messages() }, LATER),
    takes: {},
  },
  'an asynchronous write with llm': {
    run: () => write({ messages: messages(), llm: llm() }, LATER),
    takes: {},
  },
  'a write that waits, with llm': {
    run: () => write({ messages: messages(), llm: llm() }),
    takes: {},
  },
  'a content write': {
    run: () => write({ content: `Dana is in place ${(wanted += 1)}.` }),
    takes: {},
  },
  'a question with llm': {
    run: () => product.call('/agent/query', { body: { ...question, llm: llm() } }),
    takes: {},
  },
  'a search': { run: () => product.call('/agent/search', { body: question }), takes: {} },
  'a list of memories': { run: () => product.call('/agent/memories?tenant_id=asked'), takes: {} },
};

it.each(Object.entries(JOURNEYS))('%s takes these messages', async (_name, { run, takes }) => {
  await product.call('/agent/memories', {
    body: { tenant_id: 'asked', content: 'Dana lives in Lisbon.' },
  });
  for (let runs = 0; runs < WARM_UP; runs += 1) await succeeded(run());
  const least = new Map<string, { messages: readonly string[]; roundTrips: number }>();
  for (let runs = 0; runs < RUNS; runs += 1) {
    await settled();
    for (const proxy of Object.values(proxies)) proxy.take();
    await succeeded(run());
    await settled();
    for (const [name, proxy] of Object.entries(proxies)) {
      const sent = proxy.take();
      const before = least.get(name);
      if (before === undefined || sent.messages.length < before.messages.length)
        least.set(name, sent);
      else if (
        sent.messages.length === before.messages.length &&
        sent.roundTrips < before.roundTrips
      )
        least.set(name, sent);
    }
  }
  const found = [...least].filter(([, { messages: all }]) => all.length > 0);
  const counts = found.map(([name, { messages: all, roundTrips }]) => [
    name,
    `${all.length} / ${roundTrips}`,
  ]);
  const sent = found.map(([name, { messages: all }]) => `${name}: ${all.join(' ')}`).join('\n');
  expect(Object.fromEntries(counts), sent).toEqual(takes);
});

async function succeeded(answer: Promise<Answered>): Promise<void> {
  const { status, text } = await answer;
  expect([200, 201, 202], text).toContain(status);
}

/** Waits until every job has ended. It asks Postgres directly, so no proxy counts it. */
async function settled(): Promise<void> {
  const unfinished = `select from writes where state in ('queued', 'running')`;
  while ((await watching.query(unfinished)).rowCount !== 0) await delay(10);
  await delay(SETTLE_MS);
}
