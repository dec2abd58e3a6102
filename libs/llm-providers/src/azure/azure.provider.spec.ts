import { describe, expect, it } from 'vitest';

import { benchFor, KEY, QUIRKS, request } from '../testing/provider-bench.js';
import { itConforms } from '../testing/provider-conformance.js';
import { azureRecordings } from './__fixtures__/recordings.js';
import { azureDefinition } from './azure.definition.js';

const dated = (baseUrl: string) => ({
  provider: 'azure' as const,
  model: 'my-gpt',
  baseUrl,
  apiVersion: '2024-10-21',
});
const v1 = (baseUrl: string) => ({
  provider: 'azure' as const,
  model: 'my-gpt',
  baseUrl: `${baseUrl}/openai/v1`,
});
const DATED_PATH = '/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21';

describe('AzureProvider, dated', () => {
  itConforms(azureDefinition, azureRecordings, dated);

  const bench = benchFor(azureDefinition, dated);

  it.each(['', '/', '/openai', '/openai/'])(
    'finds the deployment under a base_url that ends in "%s"',
    async (ending) => {
      const { server, provider, target } = bench();
      server.answer(azureRecordings.completion);
      await provider.complete(request(), { ...target, baseUrl: `${server.url}${ending}` }, QUIRKS);
      expect(server.sent[0]?.url).toBe(DATED_PATH);
      expect(server.sent[0]?.headers).toMatchObject({ 'api-key': KEY });
      expect(server.sent[0]?.headers['authorization']).toBeUndefined();
    },
  );

  it('encodes a deployment’s name, so that it cannot change the path', async () => {
    const { server, provider, target } = bench();
    server.answer(azureRecordings.completion);
    await provider.complete(request(), { ...target, model: '../../files?x=1#' }, QUIRKS);
    expect(server.sent[0]?.url).toMatch(
      /^\/openai\/deployments\/[^/?#]+\/chat\/completions\?api-version=2024-10-21$/,
    );
  });

  it('verifies by a call that costs nothing', async () => {
    const { server, provider, target } = bench();
    server.answer({
      status: 400,
      body: { error: { code: 'empty_array', message: "Invalid 'messages': empty array." } },
    });
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).resolves.toBe('model');
    expect(JSON.parse(server.sent[0]?.body ?? '')).toMatchObject({ messages: [] });
  });

  it.each([
    [
      'llm_endpoint_invalid',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
    ],
    [
      'llm_rejected_request',
      { status: 400, body: { error: { code: 'BadRequest', message: 'No.' } } },
    ],
    ['llm_endpoint_invalid', azureRecordings.others['a wrong path or api-version']!],
    ['llm_auth_failed', azureRecordings.failures['a bad key']],
  ])('does not verify if a call would fail with %s', async (code, answer) => {
    const { server, provider, target } = bench();
    server.answer(answer);
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).rejects.toMatchObject({
      code,
    });
  });

  it('does not verify an unknown deployment', async () => {
    const { server, provider, target } = bench();
    server.answer(azureRecordings.failures['an unknown model']);
    await expect(provider.verify(target, AbortSignal.timeout(2_000))).rejects.toMatchObject({
      code: 'llm_model_invalid',
    });
  });

  it('cannot be called without an address or a version', async () => {
    const { provider, target } = bench();
    await expect(
      provider.complete(request(), { ...target, baseUrl: undefined }, QUIRKS),
    ).rejects.toMatchObject({ code: 'llm_invalid_request' });
    await expect(
      provider.complete(request(), { ...target, apiVersion: undefined }, QUIRKS),
    ).rejects.toMatchObject({ code: 'llm_invalid_request' });
  });
});

describe('AzureProvider, v1', () => {
  itConforms(azureDefinition, azureRecordings, v1);

  const bench = benchFor(azureDefinition, v1);

  it('sends the deployment in the body and no version', async () => {
    const { server, provider, target } = bench();
    server.answer(azureRecordings.completion);
    await provider.complete(request(), target, QUIRKS);
    expect(server.sent[0]?.url).toBe('/openai/v1/chat/completions');
    expect(JSON.parse(server.sent[0]?.body ?? '')).toMatchObject({ model: 'my-gpt' });
    expect(server.sent[0]?.headers).toMatchObject({ 'api-key': KEY });
    expect(server.sent[0]?.headers['authorization']).toBeUndefined();
  });
});
