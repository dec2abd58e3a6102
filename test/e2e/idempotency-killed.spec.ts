import { randomUUID } from 'node:crypto';

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { whileWritesAreLocked } from '../support/locked-writes.js';
import { type Answered, type Product, startProduct } from '../support/product.js';

const KEY = 'sk-e2e-killed-0123456789abcdef';
const WITHIN = { timeout: 50_000, interval: 200 };
let product: Product;
let database: Client;

beforeAll(async () => {
  product = await startProduct({ environment: { SYNC_WAIT_MS: '5000' } });
  database = new Client({ connectionString: product.database.url });
  await database.connect();
});

afterAll(async () => {
  await database.end();
  await product.stop();
});

const conversation = (tenant: string) => ({
  messages: [{ role: 'user', content: 'I moved to Lisbon last spring.' }],
  tenant_id: tenant,
  llm: {
    provider: 'openai',
    model: 'sim-delay-3000',
    key: KEY,
    base_url: `${product.simulator.url}/v1`,
  },
});

const writesOf = async (tenant: string): Promise<readonly { state: string }[]> =>
  (await database.query('select state from writes where tenant_id = $1', [tenant])).rows;

/** Asks until the first call is not in flight any more. */
const answerTo = (ask: () => Promise<Answered>): Promise<Answered> =>
  vi.waitFor(async () => {
    const answer = await ask();
    expect(answer.json.code).not.toBe('idempotency_in_flight');
    return answer;
  }, WITHIN);

describe('a gateway that is killed before it answers', () => {
  it.each([
    ['a write', '/agent/memories', (tenant: string) => conversation(tenant), 1],
    [
      'a batch',
      '/agent/memories/batch',
      (tenant: string) => ({ writes: [conversation(tenant), conversation(tenant)] }),
      2,
    ],
  ])(
    'leaves %s to the retry of the call, and the write is made once',
    async (_what, path, bodyFor, count) => {
      const tenant = randomUUID();
      const headers = { 'idempotency-key': randomUUID() };
      const ask = () => product.call(path, { body: bodyFor(tenant), headers });
      // The gateway is killed while it makes the write durable.
      const { restarted } = await whileWritesAreLocked(
        product.database.url,
        async (untilWaiting) => {
          const cut = ask().catch(() => 'cut');
          await untilWaiting(1);
          const restart = product.restart('gateway');
          expect(await cut).toBe('cut');
          return { restarted: restart };
        },
      );
      await restarted;
      const answer = await answerTo(ask);
      expect([200, 202]).toContain(answer.status);
      await vi.waitFor(async () => {
        const states = (await writesOf(tenant)).map(({ state }) => state);
        expect(states).toEqual(Array.from({ length: count }, () => 'succeeded'));
      }, WITHIN);
      const again = await ask();
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(again.status).toBe(answer.status);
      expect(await writesOf(tenant)).toHaveLength(count);
    },
  );

  it('while it waits leaves the result of its job to the retry', async () => {
    const tenant = randomUUID();
    const headers = { 'idempotency-key': randomUUID() };
    const ask = () => product.call('/agent/memories', { body: conversation(tenant), headers });
    const cut = ask().catch(() => 'cut');
    await vi.waitFor(
      async () => expect(await writesOf(tenant)).toEqual([{ state: 'running' }]),
      WITHIN,
    );
    await product.restart('gateway');
    expect(await cut).toBe('cut');
    const answer = await answerTo(ask);
    expect(answer).toMatchObject({ status: 200, json: { status: 'extracted' } });
    expect(answer.headers.get('idempotency-replayed')).toBe('true');
    expect((await ask()).json).toEqual(answer.json);
    expect(await writesOf(tenant)).toEqual([{ state: 'succeeded' }]);
    const listed = await product.call(`/agent/memories?tenant_id=${tenant}`);
    expect(listed.json.count).toBe(answer.json.saved_count);
  });
});
