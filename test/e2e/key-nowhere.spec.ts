import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { type Product, startProduct } from '../support/product.js';

const KEY = 'sk-canary-7f3a91c0de55aa17-ZQ';

/** Every window of twelve characters of the key, and the forms in which it could be hidden. */
const windows = Array.from({ length: KEY.length - 11 }, (_, at) => KEY.slice(at, at + 12));
const forms = [
  ...windows,
  Buffer.from(KEY).toString('base64').slice(0, 36),
  encodeURIComponent(KEY),
];

/** What a write on each model answers: well, refused, and by providers that show the key to whoever asks. */
const MODELS: Readonly<Record<string, number>> = {
  'gpt-5': 200,
  'sim-bad-key': 401,
  'sim-model-not-found': 422,
  'sim-rate-limited': 429,
  'sim-echo-key-error-whole': 401,
  'sim-echo-key-error-masked': 401,
  'sim-echo-key-error-base64': 401,
  'sim-echo-key-error-urlencoded': 401,
  'sim-echo-key-fact-whole': 200,
  'sim-echo-key-answer-whole': 200,
};

const found = (text: string): string[] => forms.filter((form) => text.includes(form));

describe('after writes and queries that went well, and some that did not, the caller’s key', () => {
  let product: Product;
  const answers: string[] = [];
  /** Of which request, what was answered, what was due. */
  const statuses: (readonly [string, number, number])[] = [];

  beforeAll(async () => {
    product = await startProduct();
    const messages = [
      { role: 'user', name: 'Dana', content: 'I moved to Lisbon and I work at Globex.' },
    ];
    const openai = { provider: 'openai', key: KEY, base_url: `${product.simulator.url}/v1` };
    const post = async (
      path: string,
      status: number | undefined,
      body: unknown,
      headers = {},
    ): Promise<void> => {
      const answer = await product.call(path, { body, headers });
      answers.push(`${answer.text}${JSON.stringify([...answer.headers])}`);
      if (status !== undefined)
        statuses.push([JSON.stringify(body).slice(-60), answer.status, status]);
    };
    for (const [model, status] of Object.entries(MODELS)) {
      const llm = { ...openai, model };
      await post('/agent/memories', status, { messages, llm });
      await post('/agent/query', undefined, { question: 'Where does Dana work?', llm });
      await post('/agent/memories', 202, { messages, llm }, { prefer: 'respond-async' });
    }
    await post('/agent/memories', 400, {
      messages: [{ role: 'user', content: `my key is ${KEY}` }],
      llm: { ...openai, model: 'gpt-5' },
    });
    await post('/agent/memories', 400, `{"messages": [], "llm": {"key": "${KEY}"`);
    await post('/agent/memories', 400, {
      messages,
      llm: { ...openai, model: 'gpt-5', key: `${KEY}\n${KEY}` },
    });
    await product.call('/agent/memories', {
      body: { messages, llm: { ...openai, model: 'sim-hang' } },
      headers: { prefer: 'respond-async' },
    });
  });
  afterAll(() => product.stop());

  it('went to the provider', () => {
    expect(
      product.simulator.calls.some(({ headers }) => JSON.stringify(headers).includes(KEY)),
    ).toBe(true);
  });

  it('met each answer that it was to meet', () => {
    expect(statuses.filter(([, answered, due]) => answered !== due)).toEqual([]);
  });

  it('is in no answer', () => {
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.flatMap(found)).toEqual([]);
  });

  it('is in no log, at the most verbose level', () => {
    expect(product.logs()).not.toBe('');
    expect(found(product.logs())).toEqual([]);
  });

  it('is in no table', async () => {
    const dump = await dumpOf(product.database.url);
    expect(dump).toContain('Globex');
    expect(found(dump)).toEqual([]);
  });

  it('is in no key of Redis, while a job of it still runs', async () => {
    const dump = await redisDump(inject('redisUrl'));
    expect(dump).toContain(product.queuePrefix);
    expect(found(dump)).toEqual([]);
  });

  it('is not on the board, and no sealed envelope is', async () => {
    for (const status of ['active', 'waiting', 'failed', 'delayed']) {
      const board = await fetch(
        `${product.opsUrl}/api/queues?activeQueue=extraction&status=${status}&page=1`,
        { headers: { authorization: product.opsLogin } },
      );
      const text = await board.text();
      expect(board.status).toBe(200);
      expect(found(text)).toEqual([]);
      expect(text).not.toMatch(/"v1\.[\w-]+\.[\w-]{20,}/);
    }
  });

  it('is in no metric', async () => {
    const health = await product.call('/health/ready');
    expect(health.status).toBe(200);
    expect(found(health.text)).toEqual([]);
  });
});

/** Every row of every table of ours, as text. */
async function dumpOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const held = await client.query<{ row: string }>(`select t::text as row from ${name} as t`);
      rows.push(...held.rows.map(({ row }) => row));
    }
    return rows.join('\n');
  } finally {
    await client.end();
  }
}

/** Every key of Redis with what it holds, whatever its type. */
async function redisDump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return keys.map((key, index) => `${key} ${values[index]?.toString('latin1') ?? ''}`).join('\n');
  } finally {
    redis.disconnect();
  }
}
