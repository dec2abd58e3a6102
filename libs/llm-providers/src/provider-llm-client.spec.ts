import { CallerKey, type LlmTarget } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { Prompt } from './llm-client.js';
import { QuirkStore } from './ladder/quirk-store.js';
import { ProviderLlmClient } from './provider-llm-client.js';
import { type Recording, wirePerFile } from './testing/wire-server.js';

const KEY = 'sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5';
const SCHEMA = z.object({ city: z.string(), people: z.int().min(1).max(9) });

const says = (
  content: string | null,
  finish = 'stop',
  message: Record<string, unknown> = {},
): Recording => ({
  status: 200,
  body: {
    choices: [{ message: { role: 'assistant', content, ...message }, finish_reason: finish }],
    usage: { prompt_tokens: 10, completion_tokens: 3 },
  },
});
const refuses = (message: string, status = 400): Recording => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
});

const PARIS = says('{"city":"Paris","people":2}');
const NO_SCHEMA = refuses(
  "'response_format.type' : value is not one of the allowed values ['text','json_object']",
);
const NO_FORMAT = refuses('response_format is not supported');
const NO_LIMIT = refuses(
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
);

const { server, egress } = await wirePerFile();

const client = (timeoutMs = 5_000, quirkStore = new QuirkStore()): ProviderLlmClient =>
  new ProviderLlmClient({ egress, timeoutMs, quirkStore });
const target = (): LlmTarget => ({
  provider: 'openai',
  model: 'm',
  baseUrl: server.url,
  key: new CallerKey(KEY),
});
const prompt = (over: Partial<Prompt> = {}): Prompt => ({
  system: 'Find the city.',
  turns: [{ role: 'user', content: 'Two people in Paris.' }],
  maxOutputTokens: 100,
  signal: new AbortController().signal,
  ...over,
});
const generate = (by = client(), over: Partial<Prompt> = {}) =>
  by.generateObject({ ...prompt(over), shapeName: 'city', schema: SCHEMA }, target());
const bodies = (): Record<string, unknown>[] =>
  server.sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

describe('an object is generated', () => {
  it('in one call if the host accepts a schema', async () => {
    server.answer(PARIS);
    await expect(generate()).resolves.toEqual({
      value: { city: 'Paris', people: 2 },
      llmCalls: 1,
      usage: { inputTokens: 10, outputTokens: 3 },
    });
    expect(bodies()).toEqual([
      {
        model: 'm',
        messages: [
          { role: 'system', content: 'Find the city.' },
          { role: 'user', content: 'Two people in Paris.' },
        ],
        max_tokens: 100,
        stream: false,
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'city',
            strict: true,
            schema: {
              type: 'object',
              properties: {
                city: { type: 'string' },
                people: { type: 'integer', description: '(at least 1, at most 9)' },
              },
              required: ['city', 'people'],
              additionalProperties: false,
            },
          },
        },
      },
    ]);
  });

  it('one step down if the host does not, and later calls begin there', async () => {
    const by = client();
    server.answer(NO_SCHEMA, PARIS);
    await expect(generate(by)).resolves.toMatchObject({
      llmCalls: 2,
      usage: { inputTokens: 10, outputTokens: 3 },
    });
    expect(bodies().at(-1)).toMatchObject({ response_format: { type: 'json_object' } });
    server.answer(PARIS);
    await expect(generate(by)).resolves.toMatchObject({ llmCalls: 1 });
    expect(bodies()).toMatchObject([{ response_format: { type: 'json_object' } }]);
  });

  it('with at most two extra calls, the last of which uses the prompt alone', async () => {
    server.answer(NO_SCHEMA, NO_FORMAT, PARIS);
    await expect(generate()).resolves.toMatchObject({ llmCalls: 3 });
    const last = bodies().at(-1);
    expect(last).not.toHaveProperty('response_format');
    expect(last).not.toHaveProperty('tools');
    expect(JSON.stringify(last)).toContain('JSON Schema');
  });

  it('without a third extra call', async () => {
    server.answer(NO_SCHEMA, NO_LIMIT, NO_FORMAT, PARIS);
    await expect(generate()).rejects.toMatchObject({
      code: 'llm_rejected_request',
      message: 'response_format is not supported',
    });
    expect(server.sent).toHaveLength(3);
  });

  it('with the other name of the limit if the host requires it', async () => {
    server.answer(NO_LIMIT, PARIS);
    await expect(generate()).resolves.toMatchObject({ llmCalls: 2 });
    expect(bodies().at(-1)).toMatchObject({ max_completion_tokens: 100 });
  });

  it('from a repair turn that names the faults', async () => {
    server.answer(says('{"city":"Paris","people":0}'), PARIS);
    await expect(generate()).resolves.toEqual({
      value: { city: 'Paris', people: 2 },
      llmCalls: 2,
      usage: { inputTokens: 20, outputTokens: 6 },
    });
    const { messages } = z
      .object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) })
      .parse(bodies().at(-1));
    expect(messages.slice(2)).toEqual([
      { role: 'assistant', content: '{"city":"Paris","people":0}' },
      { role: 'user', content: expect.stringMatching(/people: [^]*JSON Schema/) },
    ]);
  });

  it('from a host that ignores the schema, which later calls describe in the prompt as well', async () => {
    const by = client();
    server.answer(says('It is Paris, with two people.'), PARIS, PARIS);
    await expect(generate(by)).resolves.toMatchObject({ llmCalls: 2 });
    await expect(generate(by)).resolves.toMatchObject({ llmCalls: 1 });
    expect(bodies().at(-1)).toMatchObject({
      response_format: { type: 'json_schema' },
      messages: [{ role: 'system', content: expect.stringContaining('JSON Schema') }, {}],
    });
  });

  it('with a higher limit after an answer that was cut off, even if its text looks complete', async () => {
    server.answer(
      says('{"city":"Paris","people":2}', 'length'),
      says('{"city":"Rome","people":3}'),
    );
    await expect(generate()).resolves.toMatchObject({ value: { city: 'Rome' }, llmCalls: 2 });
    expect(bodies().map(({ max_tokens }) => max_tokens)).toEqual([100, 200]);
  });

  it('scrubbed of the key', async () => {
    server.answer(says(JSON.stringify({ city: `the key is ${KEY}`, people: 2 })));
    await expect(generate()).resolves.toMatchObject({ value: { city: 'the key is [redacted]' } });
  });
});

describe('no object is generated', () => {
  it('when the repaired answer does not fit either', async () => {
    server.answer(says('no'), says('still no'));
    await expect(generate()).rejects.toMatchObject({
      name: 'LlmError',
      code: 'llm_invalid_output',
    });
    expect(server.sent).toHaveLength(2);
  });

  it('when the answer is cut off twice', async () => {
    server.answer(says('{"city', 'length'));
    await expect(generate()).rejects.toMatchObject({
      code: 'llm_invalid_output',
      message: expect.stringContaining('200 tokens'),
    });
    expect(server.sent).toHaveLength(2);
  });

  it('when the host does not allow a higher limit', async () => {
    server.answer(
      says('{"city', 'length'),
      refuses('max_tokens is too large: 200. This model supports at most 100 completion tokens.'),
    );
    await expect(generate()).rejects.toMatchObject({ code: 'llm_invalid_output' });
  });

  it.each([
    ['refuses', says(null, 'stop', { refusal: 'No.' })],
    ['is filtered', says('', 'content_filter')],
  ])('when the model %s', async (_why, recording) => {
    server.answer(recording);
    await expect(generate()).rejects.toMatchObject({ code: 'llm_content_filtered' });
    expect(server.sent).toHaveLength(1);
  });

  it('when the provider fails, without a retry', async () => {
    server.answer({ status: 503, body: '' });
    await expect(generate()).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect(server.sent).toHaveLength(1);
  });

  it('when the provider exceeds the timeout', async () => {
    server.answer(() => undefined);
    await expect(generate(client(80))).rejects.toMatchObject({
      code: 'llm_unavailable',
      message: 'The provider did not answer in time.',
    });
  });

  it('when the job is aborted, and its own reason is thrown, even a timeout', async () => {
    server.answer(() => undefined);
    await expect(generate(client(), { signal: AbortSignal.timeout(60) })).rejects.toBeInstanceOf(
      DOMException,
    );
    const reason = new Error('cancelled');
    server.answer(PARIS);
    await expect(generate(client(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.sent).toHaveLength(0);
  });
});

describe('text is generated', () => {
  it('unchanged, but scrubbed of the key', async () => {
    server.answer(says(`Paris. ${KEY.slice(0, 20)}`));
    await expect(client().generateText(prompt(), target())).resolves.toEqual({
      text: 'Paris. [redacted]',
      llmCalls: 1,
      usage: { inputTokens: 10, outputTokens: 3 },
    });
    // The last one: the request of an aborted call of an earlier test may still arrive before it.
    expect(bodies().at(-1)).not.toHaveProperty('response_format');
  });

  it('unless the answer is empty', async () => {
    server.answer(says('  '));
    await expect(client().generateText(prompt(), target())).rejects.toMatchObject({
      code: 'llm_invalid_output',
    });
  });
});

describe('callers who share a client', () => {
  it('are each called with their own key, a hundred at a time', async () => {
    server.answer((response, { headers }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          says(String(headers.authorization).replace('Bearer ', '').slice(0, 11)).body,
        ),
      );
    });
    const by = client();
    const callers = Array.from(
      { length: 100 },
      (_, n) => `k${String(n).padStart(3, '0')}-abcdef${'x'.repeat(20)}`,
    );
    const answers = await Promise.all(
      callers.map((key) => by.generateText(prompt(), { ...target(), key: new CallerKey(key) })),
    );
    expect(answers.map(({ text }) => text)).toEqual(callers.map((key) => key.slice(0, 11)));
  });
});
