import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { egressBy } from '../testing/egress-by.js';
import { benchFor, KEY, outcomeOf, shown } from '../testing/provider-bench.js';
import type { Recording } from '../testing/wire-server.js';
import { openAiRecordings } from './__fixtures__/recordings.js';
import type { LlmProvider } from '../llm-provider.js';
import { openaiDefinition } from './openai.definition.js';

const MODEL = 'gpt-4.1';
const soon = (): AbortSignal => AbortSignal.timeout(2_000);
const error = (status: number, message: string, code: string | null = null): Recording => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code } },
});
const NO_ROUTE: Recording = { status: 404, body: { detail: 'Not Found' } };
const PAGE: Recording = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html>hello</html>',
};
const HTML_404: Recording = { ...PAGE, status: 404 };
const UNKNOWN = openAiRecordings.failures['an unknown model'];
const EMPTY = error(400, "Invalid 'messages': empty array.", 'empty_array');
const SCOPES = error(
  401,
  'You have insufficient permissions for this operation. Missing scopes: api.model.read.',
);

const bench = benchFor(openaiDefinition, (url) => ({
  provider: 'openai',
  model: MODEL,
  baseUrl: `${url}/v1`,
}));

/** The same provider with OpenAI's own address. Its calls are sent to the test server. */
const atOpenAi = (): LlmProvider => {
  const { server } = bench();
  const fetchThere = async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    expect(url.origin).toBe('https://api.openai.com');
    return fetch(`${server.url}${url.pathname}`, init);
  };
  return openaiDefinition.connect(egressBy(fetchThere));
};
const own = { provider: 'openai' as const, model: MODEL, key: new CallerKey(KEY) };
const asked = (): string[] => bench().server.sent.map(({ method, url }) => `${method} ${url}`);

const verify = async (...answers: Recording[]): Promise<unknown> => {
  const { server, provider, target } = bench();
  server.answer(...answers);
  return provider.verify(target, soon());
};

describe('verifying at a compatible host', () => {
  it('asks for the model', async () => {
    expect(await verify({ status: 200, body: { id: MODEL, object: 'model' } })).toBe('model');
    expect(asked()).toEqual(['GET /v1/models/gpt-4.1']);
  });

  it.each([
    ['no route for one model', NO_ROUTE],
    ['a page where it has no route', HTML_404],
    ['no such method', { status: 405, body: '' }],
    ['a page for everything', PAGE],
  ])('that has %s is asked for the list', async (_title, first) => {
    expect(await verify(first, { status: 200, body: { data: [{ id: MODEL }] } })).toBe('model');
    expect(asked()).toEqual(['GET /v1/models/gpt-4.1', 'GET /v1/models']);
  });

  it('finds a model in a bare list, and under its tag', async () => {
    expect(await verify(NO_ROUTE, { status: 200, body: [{ id: `${MODEL}:latest` }] })).toBe(
      'model',
    );
  });

  it.each([
    ['has no list', NO_ROUTE],
    ['has a list without the model', { status: 200, body: { data: [] } }],
    ['keeps its list from this key', error(403, 'Forbidden')],
  ])('that %s is asked for one token', async (_title, list) => {
    expect(await verify(UNKNOWN, list, openAiRecordings.completion)).toBe('model');
    expect(asked()[2]).toBe('POST /v1/chat/completions');
    expect(JSON.parse(bench().server.sent[2]?.body ?? '')).toMatchObject({
      model: MODEL,
      max_tokens: 1,
    });
  });

  it('accepts a refusal of the low token limit as a sign that the model exists', async () => {
    const unsupported = error(
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    );
    expect(await verify(NO_ROUTE, NO_ROUTE, unsupported)).toBe('model');
  });

  it.each([
    ['the model', 'llm_model_invalid', [UNKNOWN, { status: 200, body: { data: [] } }, UNKNOWN]],
    ['the path', 'llm_endpoint_invalid', [NO_ROUTE]],
    ['the request', 'llm_rejected_request', [NO_ROUTE, NO_ROUTE, error(400, 'No.')]],
    ['the key', 'llm_auth_failed', [openAiRecordings.failures['a bad key']]],
    ['the key, at the first completion', 'llm_auth_failed', [NO_ROUTE, NO_ROUTE, SCOPES]],
    ['the rate', 'llm_rate_limited', [error(429, 'Slow down')]],
    ['the address, by a page', 'llm_endpoint_invalid', [PAGE]],
    ['a breakdown', 'llm_unavailable', [error(500, 'Oops')]],
    [
      'nothing, but a redirect',
      'llm_unavailable',
      [{ status: 307, headers: { location: '/' }, body: '' }],
    ],
  ] as const)('that finds fault with %s, says %s', async (_title, code, answers) => {
    const failure = await outcomeOf(verify(...answers));
    expect(failure).toMatchObject({ name: 'LlmError', code });
    expect(shown(failure)).not.toContain(KEY);
  });

  it('requests no other path because of a model’s name', async () => {
    const { server, provider, target } = bench();
    server.answer({ status: 200, body: { data: [] } }, UNKNOWN);
    await outcomeOf(provider.verify({ ...target, model: '..' }, soon()));
    expect(asked()).toEqual(['GET /v1/models', 'POST /v1/chat/completions']);
    await outcomeOf(provider.verify({ ...target, model: '../files?x=1#' }, soon()));
    expect(asked()[2]).toMatch(/^GET \/v1\/models\/[^/?#]+$/);
  });
});

describe('verifying at OpenAI', () => {
  it('asks for the model, which costs nothing', async () => {
    bench().server.answer({ status: 200, body: { id: MODEL } });
    expect(await atOpenAi().verify(own, soon())).toBe('model');
    expect(asked()).toEqual(['GET /v1/models/gpt-4.1']);
  });

  it('trusts its answer about an unknown model', async () => {
    bench().server.answer(UNKNOWN);
    expect(await outcomeOf(atOpenAi().verify(own, soon()))).toMatchObject({
      code: 'llm_model_invalid',
    });
    expect(asked()).toHaveLength(1);
  });

  it('requests a completion without messages if the key is restricted to completions', async () => {
    bench().server.answer(SCOPES, EMPTY);
    expect(await atOpenAi().verify(own, soon())).toBe('key');
    expect(asked()).toEqual(['GET /v1/models/gpt-4.1', 'POST /v1/chat/completions']);
    expect(JSON.parse(bench().server.sent[1]?.body ?? '')).toMatchObject({ messages: [] });
  });

  it('reports the failure of the completion if the key permits neither', async () => {
    bench().server.answer(SCOPES);
    expect(await outcomeOf(atOpenAi().verify(own, soon()))).toMatchObject({
      code: 'llm_auth_failed',
    });
  });

  it('does not accept an HTML page as an answer', async () => {
    bench().server.answer(PAGE);
    expect(await outcomeOf(atOpenAi().verify(own, soon()))).toMatchObject({
      code: 'llm_endpoint_invalid',
    });
  });
});
