import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Answered, type Product, startProduct } from '../support/product.js';

const KEY = 'sk-verify-5d1c0ffee1234567';
const BAD = 'sk-wrong-5d1c0ffee1234567';

interface Llm {
  readonly provider: string;
  readonly model: string;
  readonly key?: string;
  readonly base_url?: string;
  readonly extra?: object;
}

let product: Product;
/** Each test has an API key of its own: what was refused under one is not counted for another. */
let apiKey: string;

const verify = (llm: Llm, headers = {}): Promise<Answered> =>
  product.call('/llm/verify', { body: { llm: { key: KEY, ...llm } }, apiKey, headers });
const at = (path = ''): string => `${product.simulator.url}${path}`;
const openai = (model: string, over: Partial<Llm> = {}): Llm => ({
  provider: 'openai',
  model,
  base_url: at('/v1'),
  ...over,
});
const anthropic = (model: string, over: Partial<Llm> = {}): Llm => ({
  provider: 'anthropic',
  model,
  base_url: at(),
  ...over,
});
const azure = (model: string, over: Partial<Llm> = {}): Llm => ({
  provider: 'azure',
  model,
  base_url: at(),
  extra: { api_version: '2024-10-21' },
  ...over,
});
const azureV1 = (model: string, over: Partial<Llm> = {}): Llm => ({
  provider: 'azure',
  model,
  base_url: at('/openai/v1'),
  ...over,
});
const vllm = (model: string, over: Partial<Llm> = {}): Llm => ({
  ...openai(model),
  base_url: at('/compat/vllm/v1'),
  ...over,
});
const SHAPES = { openai, anthropic, azure, azureV1, vllm };

beforeAll(async () => {
  product = await startProduct({ environment: { LLM_TIMEOUT_MS: '2000' } });
});
afterAll(() => product.stop());
beforeEach(async () => {
  product.simulator.reset();
  apiKey = await product.makeAccount();
});

describe.each(Object.entries(SHAPES))('POST /llm/verify for %s', (_name, shape) => {
  it('says that key and model are good, without generating text', async () => {
    const { status, json } = await verify(shape('gpt-5'));
    const { provider, model } = shape('gpt-5');
    expect({ status, json }).toEqual({
      status: 200,
      json: { ok: true, provider, model, checked: 'model' },
    });
    const generated = product.simulator.calls.filter(
      ({ path, body }) =>
        /completions|messages/.test(path) && (body as { messages: unknown[] }).messages.length > 0,
    );
    expect(generated).toEqual([]);
  });

  it.each([
    ['a refused key', 'gpt-5', BAD, 401, 'llm_auth_failed'],
    ['an unknown model', 'does-not-exist', KEY, 422, 'llm_model_invalid'],
    ['a page', 'sim-html', KEY, 503, 'llm_unavailable'],
    ['a page of status 200', 'sim-html-200', KEY, 422, 'llm_endpoint_invalid'],
    ['a redirect', 'sim-redirect-307', KEY, 503, 'llm_unavailable'],
    ['a reset', 'sim-reset-before-body', KEY, 503, 'llm_unavailable'],
    ['silence', 'sim-hang', KEY, 503, 'llm_unavailable'],
    ['a key that is echoed', 'sim-echo-key-error-whole', KEY, 401, 'llm_auth_failed'],
  ])('reports %s as a call would', async (_title, model, key, status, code) => {
    const answer = await verify(shape(model, { key }));
    expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
    expect(answer.json.provider).toMatchObject({ name: shape(model).provider, model });
    expect(`${answer.text}${JSON.stringify([...answer.headers])}`).not.toContain(key);
    expect(product.simulator.calls.length).toBeGreaterThan(0);
  });

  it('passes on 429 with its wait', async () => {
    const headers = { 'retry-after': '7', 'content-type': 'application/json' };
    const limited = { status: 429, headers, chunks: ['{"error":{"message":"Slow down."}}'] };
    product.simulator.script({ times: 5, reply: () => limited });
    const { status, json, headers: told } = await verify(shape('gpt-5'));
    expect([status, json.code, told.get('retry-after')]).toEqual([429, 'llm_rate_limited', '7']);
  });

  it('reports that no connection can be made', async () => {
    const { status, json } = await verify(
      shape('gpt-5', { base_url: `https://127.0.0.1:${product.simulator.port}/openai/v1` }),
    );
    expect([status, json.code]).toEqual([503, 'llm_unavailable']);
  });

  it('passes on 403', async () => {
    const refusal = { status: 403, headers: {}, chunks: ['{"error":{"message":"Not here."}}'] };
    product.simulator.script({ times: 5, reply: () => refusal });
    const { status, json } = await verify(shape('gpt-5'));
    expect([status, json.code]).toEqual([403, 'llm_permission_denied']);
  });
});

describe('POST /llm/verify', () => {
  it('reports a wrong api-version', async () => {
    const { status, json } = await verify(azure('gpt-5', { extra: { api_version: '2020-01-01' } }));
    expect([status, json.code]).toEqual([422, 'llm_endpoint_invalid']);
    expect(json.detail).toContain('extra.api_version');
  });

  it.each([
    ['no body of that shape', { provider: 'openai', model: 'gpt-5', key: KEY }, 'invalid_request'],
    [
      'no other field',
      { llm: { provider: 'openai', model: 'm', key: KEY }, question: 'x' },
      'invalid_request',
    ],
    [
      'no provider that it does not know',
      { llm: { provider: 'nobody', model: 'm', key: KEY } },
      'llm_invalid_request',
    ],
    ['no llm without a key', { llm: { provider: 'openai', model: 'm' } }, 'llm_invalid_request'],
    [
      'no address that may not be called',
      { llm: { provider: 'openai', model: 'm', key: KEY, base_url: 'http://169.254.169.254/v1' } },
      'llm_base_url_forbidden',
    ],
    [
      'no key elsewhere',
      { llm: { provider: 'openai', model: KEY, key: KEY } },
      'llm_invalid_request',
    ],
  ])('accepts %s', async (_title, body, code) => {
    const { status, json, text } = await product.call('/llm/verify', { body, apiKey });
    expect([status, json.code]).toEqual([400, code]);
    expect(text).not.toContain(KEY);
    expect(product.simulator.calls).toEqual([]);
  });

  it('needs an API key', async () => {
    const { status } = await product.call('/llm/verify', {
      body: { llm: openai('gpt-5', { key: KEY }) },
      apiKey: 'aurra_nobody',
    });
    expect(status).toBe(401);
  });

  it('leaves no key in any log', () => {
    expect(product.logs()).not.toContain(KEY.slice(0, 14));
    expect(product.logs()).not.toContain(BAD.slice(0, 14));
  });
});
