import { Anthropic } from '@anthropic-ai/sdk';
import { CallerKey } from '@app/caller-keys';
import type { ApiEgress } from '@app/egress';
import { describe, expect, it } from 'vitest';

import { egressBy } from '../testing/egress-by.js';
import { benchFor, KEY, QUIRKS, request } from '../testing/provider-bench.js';
import { itConforms } from '../testing/provider-conformance.js';
import { anthropicRecordings } from './__fixtures__/recordings.js';
import { anthropicDefinition } from './anthropic.definition.js';

const at = (baseUrl: string) => ({
  provider: 'anthropic' as const,
  model: 'claude-opus-4-7',
  baseUrl,
});

describe('AnthropicProvider', () => {
  itConforms(anthropicDefinition, anthropicRecordings, at);

  const bench = benchFor(anthropicDefinition, at);

  it.each(['', '/', '/v1', '/v1/', '/proxy/v1'])(
    'finds the messages under a base_url that ends in "%s"',
    async (ending) => {
      const { server, provider, target } = bench();
      server.answer(anthropicRecordings.completion);
      await provider.complete(request(), { ...target, baseUrl: `${server.url}${ending}` }, QUIRKS);
      expect(server.sent[0]?.url).toBe(
        ending.startsWith('/proxy') ? '/proxy/v1/messages' : '/v1/messages',
      );
    },
  );

  it('sends compatible hosts the headers that they know', async () => {
    const { server, provider, target } = bench();
    server.answer(anthropicRecordings.completion);
    await provider.complete(request(), target, QUIRKS);
    expect(server.sent[0]?.headers).toMatchObject({
      'x-api-key': KEY,
      'anthropic-version': '2023-06-01',
    });
    expect(server.sent[0]?.headers['authorization']).toBeUndefined();
  });

  it('sends Anthropic the same credentials as the SDK', async () => {
    const seen: Headers[] = [];
    const fetch: ApiEgress['fetch'] = async (_url, init) => {
      seen.push(new Headers(init?.headers));
      return Response.json(anthropicRecordings.completion.body);
    };
    const client = new Anthropic({ apiKey: KEY, fetch, maxRetries: 0 });
    await client.messages.create({ model: 'x', max_tokens: 1, messages: [] });
    await anthropicDefinition
      .connect(egressBy(fetch))
      .complete(
        request(),
        { provider: 'anthropic', model: 'claude-opus-4-7', key: new CallerKey(KEY) },
        QUIRKS,
      );
    const [sdk, ours] = seen.map((headers) =>
      ['authorization', 'x-api-key', 'anthropic-version'].map((name) => headers.get(name)),
    );
    expect(ours).toEqual(sdk);
  });

  it('verifies the model by name', async () => {
    const { server, provider, target } = bench();
    server.answer({ status: 200, body: { type: 'model', id: 'claude-opus-4-7' } });
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).resolves.toBe('model');
    expect(server.sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v1/models/claude-opus-4-7',
    ]);
  });

  it('verifies with one token if a host has no list of models', async () => {
    const { server, provider, target } = bench();
    server.answer({ status: 404, body: { detail: 'Not Found' } }, anthropicRecordings.cutOff);
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).resolves.toBe('model');
    expect(server.sent.map(({ url }) => url)).toEqual([
      '/v1/models/claude-opus-4-7',
      '/v1/messages',
    ]);
  });

  it.each([
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>hello</html>' },
    { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>nothing</html>' },
    { status: 403, body: { error: 'Forbidden' } },
  ])('verifies with one token if a host answers $status with $body for models', async (first) => {
    const { server, provider, target } = bench();
    server.answer(first, anthropicRecordings.completion);
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).resolves.toBe('model');
    server.answer(first);
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).rejects.toMatchObject({
      name: 'LlmError',
    });
  });

  it.each(['..', '.'])('sends no request for a model named %s', async (model) => {
    const { server, provider, target } = bench();
    server.answer({ status: 200, body: { id: model } });
    const verified = provider.verify({ ...target, model }, AbortSignal.timeout(2_000));
    await expect(verified).rejects.toMatchObject({ code: 'llm_model_invalid', retryable: false });
    expect(server.sent).toEqual([]);
  });

  it('does not verify a bad key', async () => {
    const { server, provider, target } = bench();
    server.answer(anthropicRecordings.failures['a bad key']);
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).rejects.toMatchObject({
      code: 'llm_auth_failed',
    });
  });
});
