import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Answered, type Product, startProduct } from '../support/product.js';

const KEY = 'sk-caller-77aa0123456789ab';
const ALLOWED = 10;
const messages = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon.' }];
const LATER = { prefer: 'respond-async' };

const expectLimited = ({ status, json, headers }: Answered): void => {
  expect([status, json.code]).toEqual([429, 'rate_limited']);
  const wait = Number(headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect(headers.get('ratelimit-policy')).toBe(`"refused-keys";q=${ALLOWED};w=60`);
  expect(headers.get('ratelimit')).toBe(`"refused-keys";r=0;t=${wait}`);
};

describe.each(['redis', 'postgres'] as const)(
  'keys that providers reject, with the queue on %s',
  (queue) => {
    let product: Product;
    let apiKey: string;

    const llm = (key: string) => ({
      provider: 'openai',
      model: 'gpt-5',
      key,
      base_url: `${product.simulator.url}/v1`,
    });
    /** No two tries are with the same key. */
    let tried = 0;
    const stolen = () => llm(`sk-wrong-${String((tried += 1)).padStart(12, '0')}`);

    const call = (path: string, body: unknown, headers = {}): Promise<Answered> =>
      product.call(path, { body, headers, apiKey });
    const verify = (): Promise<Answered> => call('/llm/verify', { llm: stolen() });
    const write = (): Promise<Answered> => call('/agent/memories', { messages, llm: stolen() });
    const ask = (): Promise<Answered> =>
      call('/agent/query', { question: 'Where is Dana?', llm: stolen() });

    beforeAll(async () => {
      product = await startProduct({ queue, environment: { LOG_LEVEL: 'warn' } });
    });
    afterAll(() => product.stop());
    beforeEach(async () => {
      apiKey = await product.makeAccount();
      // A question about nothing reaches no model.
      await call('/agent/memories', { content: 'Dana is in Lisbon.' });
      product.simulator.reset();
    });

    it('are counted across all routes, and the eleventh reaches no provider', async () => {
      const routes = [verify, write, ask];
      for (let refused = 0; refused < ALLOWED; refused += 1) {
        const answer = await (routes[refused % routes.length] ?? verify)();
        expect([answer.status, answer.json.code]).toEqual([401, 'llm_auth_failed']);
      }
      const asked = product.simulator.calls.length;
      for (const route of routes) expectLimited(await route());
      expectLimited(await call('/agent/memories', { messages, llm: stolen() }, LATER));
      expectLimited(await call('/agent/memories', { content: 'x', llm: stolen() }));
      // A good key is rejected as well: otherwise a caller could go on trying keys.
      expectLimited(await call('/llm/verify', { llm: llm(KEY) }));
      expect(product.simulator.calls).toHaveLength(asked);
    });

    it('do not limit calls without llm, or another API key', async () => {
      for (let refused = 0; refused < ALLOWED; refused += 1) await verify();
      expectLimited(await verify());
      expect((await call('/agent/memories', { content: 'Dana sails.' })).status).toBe(200);
      expect((await call('/agent/search', { question: 'Dana' })).status).toBe(200);
      expect((await call('/agent/memories', { messages })).json.code).toBe(
        'bundled_llm_unavailable',
      );
      apiKey = await product.makeAccount();
      expect((await verify()).json.code).toBe('llm_auth_failed');
      expect((await call('/llm/verify', { llm: llm(KEY) })).status).toBe(200);
    });

    it('are counted when an asynchronous job ends with one', async () => {
      const accepted: Answered[] = [];
      for (let refused = 0; refused < ALLOWED; refused += 1) {
        accepted.push(await call('/agent/memories', { messages, llm: stolen() }, LATER));
      }
      expect(accepted.map(({ status }) => status)).toEqual(accepted.map(() => 202));
      await vi.waitFor(async () => {
        for (const { json } of accepted) {
          const job = await product.call(`/agent/jobs/${json.job_id}`, { apiKey });
          expect(job.json.error?.code).toBe('llm_auth_failed');
        }
      }, 20_000);
      expectLimited(await verify());
    });

    it('are the only failures that are counted', async () => {
      for (let failed = 0; failed <= ALLOWED; failed += 1) {
        const model = 'does-not-exist';
        const { json } = await call('/llm/verify', { llm: { ...llm(KEY), model } });
        expect(json.code).toBe('llm_model_invalid');
      }
    });
  },
);
