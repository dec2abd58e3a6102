import { describe, expect, it } from 'vitest';

import { benchFor, KEY, QUIRKS, request } from '../testing/provider-bench.js';
import { itConforms } from '../testing/provider-conformance.js';
import { openAiRecordings } from './__fixtures__/recordings.js';
import { openaiDefinition } from './openai.definition.js';

const at = (baseUrl: string) => ({ provider: 'openai' as const, model: 'gpt-4.1', baseUrl });

describe('OpenAiProvider', () => {
  itConforms(openaiDefinition, openAiRecordings, at);

  const bench = benchFor(openaiDefinition, at);

  it.each([
    ['', '/v1/chat/completions'],
    ['/', '/v1/chat/completions'],
    ['/v1', '/v1/chat/completions'],
    ['/v1/', '/v1/chat/completions'],
    ['/openai/v2', '/openai/v2/chat/completions'],
  ])('finds the completions under a base_url that ends in "%s"', async (ending, path) => {
    const { server, provider, target } = bench();
    server.answer(openAiRecordings.completion);
    await provider.complete(request(), { ...target, baseUrl: `${server.url}${ending}` }, QUIRKS);
    expect(server.sent[0]?.url).toBe(path);
    expect(server.sent[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
  });

  it.each(['max_tokens', 'max_completion_tokens'] as const)(
    'names the limit %s as its quirks say',
    async (tokenLimit) => {
      const { server, provider, target } = bench();
      server.answer(openAiRecordings.completion);
      await provider.complete(request(), target, { ...QUIRKS, tokenLimit });
      const body = JSON.parse(server.sent[0]?.body ?? '') as Record<string, unknown>;
      expect(body[tokenLimit]).toBe(64);
      expect(Object.keys(body).filter((name) => name.startsWith('max_'))).toEqual([tokenLimit]);
    },
  );
});
