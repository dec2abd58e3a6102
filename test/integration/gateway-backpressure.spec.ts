import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type FreshDatabase, freshDatabase } from '../support/databases.js';
import { type FaultServer, ownRedis } from '../support/fault-servers.js';
import { type GatewayBench, startGateway } from '../support/gateway.js';

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
const WRITE = { messages: [{ role: 'user', content: 'I live in London.' }], llm: LLM };
const QUESTION = { question: 'Where do I live?', llm: LLM };
const ASYNC = { prefer: 'respond-async' };
const REFUSED = {
  status: 503,
  headers: { 'retry-after': expect.stringMatching(/^[1-9]/) },
  json: { code: 'unavailable', retryable: true },
};

let gateway: GatewayBench;
let database: Client;

async function open(environment: Record<string, string>): Promise<void> {
  gateway = await startGateway(environment);
  database = new Client({ connectionString: gateway.databaseUrl });
  await database.connect();
}

async function close(): Promise<void> {
  await database.end();
  await gateway.close();
}

const post = () => gateway.send('/agent/memories', { body: WRITE, headers: ASYNC });
const ask = () => gateway.send('/agent/query', { body: QUESTION, headers: ASYNC });
const verify = () => gateway.send('/llm/verify', { body: { llm: LLM } });

async function limitMemory({ url }: FaultServer, bytes: string): Promise<void> {
  const connection = new Redis(url);
  await connection.config('SET', 'maxmemory', bytes);
  connection.disconnect();
}

const rowsOf = async (table: 'writes' | 'queries', where: string) =>
  Number((await database.query(`select count(*) from ${table} where ${where}`)).rows[0].count);

describe('a gateway whose queue is full', () => {
  beforeAll(() => open({ QUEUE_MAX_DEPTH: '3', SYNC_WAIT_MS: '200' }));
  afterAll(close);

  it('accepts the writes that fit, and rejects the others before it stores any of them', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, post));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    for (const refused of answers.filter(({ status }) => status !== 202))
      expect(refused).toMatchObject(REFUSED);
    expect(await rowsOf('writes', 'true')).toBe(3);
    // A new measurement of the queue finds it as full.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await post()).toMatchObject(REFUSED);
    expect(await rowsOf('writes', 'true')).toBe(3);
  });

  it('rejects a write that the caller waits for, too', async () => {
    expect(await gateway.send('/agent/memories', { body: WRITE })).toMatchObject(REFUSED);
  });

  it('limits questions by their own queue', async () => {
    for (let count = 0; count < 3; count += 1) expect((await ask()).status).toBe(202);
    expect(await ask()).toMatchObject(REFUSED);
    expect(await gateway.send('/agent/query', { body: QUESTION })).toMatchObject(REFUSED);
    expect(await rowsOf('queries', 'true')).toBe(3);
  });

  it('limits verifications by their own queue', async () => {
    // All at once, because a verification that gets no reply is taken out of the queue again.
    const answers = await Promise.all(Array.from({ length: 4 }, verify));
    const refused = answers.filter(({ json }) => json.code === 'unavailable');
    expect(refused).toMatchObject([REFUSED]);
  });

  it('still remembers a fact, lists and searches', async () => {
    const body = { content: 'Ada lives in London.' };
    expect((await gateway.send('/agent/memories', { body })).status).toBe(200);
    expect((await gateway.send('/agent/memories')).json.count).toBe(1);
    const found = await gateway.send('/agent/search', { body: { question: 'London' } });
    expect(found.json.memories).toHaveLength(1);
  });
});

describe('a gateway whose Redis is out of memory', () => {
  let redis: FaultServer;

  beforeAll(async () => {
    redis = await ownRedis();
    await open({ QUEUE_URL: redis.url });
    await limitMemory(redis, '1');
  });
  afterAll(async () => {
    await close();
    await redis.close();
  });

  it.each(['', 'respond-async'])('rejects a write and ends its row: Prefer %j', async (prefer) => {
    const sent = { body: WRITE, headers: { prefer } };
    expect(await gateway.send('/agent/memories', sent)).toMatchObject(REFUSED);
    expect(await rowsOf('writes', `state <> 'failed' or request is not null`)).toBe(0);
  });

  it('rejects a question', async () => {
    expect(await gateway.send('/agent/query', { body: QUESTION })).toMatchObject(REFUSED);
  });

  it('reports not ready until Redis has memory again', async () => {
    expect(await gateway.send('/health/ready')).toMatchObject({
      status: 503,
      json: { checks: { postgres: 'ok', queue: 'down' } },
    });
    await limitMemory(redis, '0');
    expect((await gateway.send('/health/ready')).status).toBe(200);
    const sent = { body: WRITE, headers: ASYNC };
    expect((await gateway.send('/agent/memories', sent)).status).toBe(202);
  });
});

describe('a gateway whose Redis may evict keys', () => {
  let redis: FaultServer;

  beforeAll(async () => {
    redis = await ownRedis('allkeys-lru');
    await open({ QUEUE_URL: redis.url });
  });
  afterAll(async () => {
    await close();
    await redis.close();
  });

  it('works, and reports the wrong setting', async () => {
    await vi.waitFor(async () =>
      expect(await gateway.send('/health/ready')).toMatchObject({
        status: 200,
        json: { status: 'ok', checks: { queue: 'ok' }, settings: { queue: 'wrong' } },
      }),
    );
  });
});

// At the end: what is on Postgres stays there, for the whole process.
describe('a gateway whose queue on Postgres is full', () => {
  let queue: FreshDatabase;
  beforeAll(async () => {
    queue = await freshDatabase();
    await open({ QUEUE_URL: queue.url, LOCAL_LAUNCH: 'true', QUEUE_MAX_DEPTH: '3' });
  });
  afterAll(async () => {
    await close();
    await queue.drop();
  });

  it('rejects what does not fit, without any setting', async () => {
    for (let count = 0; count < 3; count += 1) expect((await post()).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await post()).toMatchObject(REFUSED);
    expect(await gateway.send('/health/ready')).toMatchObject({
      status: 200,
      json: { settings: { queue: 'ok' } },
    });
  });
});
