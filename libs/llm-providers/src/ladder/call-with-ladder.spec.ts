import { CallerKey, type LlmTarget } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ProviderLlmClient } from '../provider-llm-client.js';
import { eventStream, type Recording, wirePerFile } from '../testing/wire-server.js';

const SCHEMA = z.object({ city: z.string() });
const says = (content: string, finish = 'stop', outputTokens = 3): Recording => ({
  status: 200,
  body: {
    choices: [{ message: { role: 'assistant', content }, finish_reason: finish }],
    usage: { prompt_tokens: 10, completion_tokens: outputTokens },
  },
});
const PARIS = says('{"city":"Paris"}');
const STREAMED_PARIS = eventStream([
  { data: { choices: [{ delta: { content: 'Paris' } }] } },
  { data: { choices: [{ delta: {}, finish_reason: 'stop' }] } },
  { data: '[DONE]' },
]);
const fails = (status: number, message = ''): Recording => ({
  status,
  body: message === '' ? '' : { error: { message } },
});
const TOO_LARGE = fails(400, 'max_tokens is too large: 32768. At most 16384 are supported.');

const { server, egress } = await wirePerFile();

const makeClient = () => new ProviderLlmClient({ egress, timeoutMs: 5_000 });
const target = (provider: LlmTarget['provider'] = 'openai'): LlmTarget => ({
  provider,
  model: 'm',
  baseUrl: server.url,
  key: new CallerKey('sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5'),
});
const prompt = (maxOutputTokens = 2_048) => ({
  system: 'Find the city.',
  turns: [{ role: 'user' as const, content: 'Two people in Paris.' }],
  maxOutputTokens,
  signal: new AbortController().signal,
});
const generate = (client = makeClient(), maxOutputTokens?: number, at = target()) =>
  client.generateObject({ ...prompt(maxOutputTokens), shapeName: 'city', schema: SCHEMA }, at);
const stream = async (client = makeClient()): Promise<{ text: string; llmCalls: number }> => {
  const written = client.streamText(prompt(), target());
  for (;;) {
    const next = await written.next();
    if (next.done) return next.value;
  }
};
const bodies = (): Record<string, unknown>[] =>
  server.sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
const limits = (): unknown[] => bodies().map((body) => body['max_tokens']);

describe('a host that fails on a schema without a reason', () => {
  it.each([500, 501])(
    'with %i gets one call with the shape in the prompt only, and later calls do the same',
    async (status) => {
      const client = makeClient();
      server.answer(fails(status), PARIS);
      await expect(generate(client)).resolves.toMatchObject({ llmCalls: 2 });
      expect(bodies()[1]).not.toHaveProperty('response_format');
      server.answer(PARIS);
      await expect(generate(client)).resolves.toMatchObject({ llmCalls: 1 });
      expect(bodies()[0]).not.toHaveProperty('response_format');
    },
  );

  it('throws its first failure if the plain call fails as well, and is not probed again', async () => {
    const client = makeClient();
    server.answer(fails(500, 'Internal Server Error'), fails(400, 'something else'));
    const first = await generate(client).catch((error: unknown) => error);
    expect(first).toMatchObject({ code: 'llm_unavailable', message: 'Internal Server Error' });
    expect(server.sent).toHaveLength(2);
    server.answer(fails(500));
    await expect(generate(client)).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect(server.sent).toHaveLength(1);
    server.answer(PARIS);
    await generate(client);
    expect(bodies()[0]).toHaveProperty('response_format');
  });

  it('is not probed if it has answered such a request before', async () => {
    const client = makeClient();
    server.answer(PARIS);
    await generate(client);
    server.answer(fails(500));
    await expect(generate(client)).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect(server.sent).toHaveLength(1);
  });

  it.each([
    fails(502),
    fails(503),
    fails(529),
    fails(500, 'CUDA out of memory'),
    {
      status: 500,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Internal Server Error</h1>',
    },
  ])('is distinguished from one that is down (%#)', async (down) => {
    server.answer(down);
    await expect(generate()).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect(server.sent).toHaveLength(1);
  });
});

describe('a host that does not stream', () => {
  it.each([
    fails(400, 'Streaming is not supported by this endpoint'),
    fails(501),
    {
      status: 422,
      body: { detail: [{ loc: ['body', 'stream'], msg: 'Extra inputs are not permitted' }] },
    },
  ])('answers in one piece, and later calls do not stream (%#)', async (refusal) => {
    const client = makeClient();
    server.answer(refusal, says('Paris'));
    await expect(stream(client)).resolves.toMatchObject({ text: 'Paris', llmCalls: 2 });
    expect(bodies()[1]).not.toHaveProperty('stream');
    server.answer(says('Paris'));
    await expect(stream(client)).resolves.toMatchObject({ text: 'Paris', llmCalls: 1 });
  });
});

describe('a limit that the host refuses', () => {
  it('is lowered to the stated number, also for later calls', async () => {
    const client = makeClient();
    server.answer(fails(400, "'max_tokens' must be less than or equal to 1024"), PARIS);
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 2 });
    server.answer(PARIS);
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 1 });
    expect(limits()).toEqual([1_024]);
    server.answer(STREAMED_PARIS);
    await stream(client);
    expect(limits()).toEqual([1_024]);
  });

  it('is the part of the window that each prompt leaves', async () => {
    const client = makeClient();
    const window =
      "This model's maximum context length is 2048 tokens. However, you requested 2348 tokens (300 in the messages, 2048 in the completion).";
    server.answer(fails(400, window), PARIS);
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 2 });
    expect(limits()[1]).toBeLessThanOrEqual(1_748);
    server.answer(PARIS);
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 1 });
    expect(limits()[0]).toBeGreaterThan(1_748);
    expect(limits()[0]).toBeLessThan(2_048);
  });

  it('is not lowered if the prompt alone is too long', async () => {
    const message =
      "This model's maximum context length is 2048 tokens. However, your messages resulted in 2294 tokens.";
    server.answer(fails(400, message));
    await expect(generate()).rejects.toMatchObject({ code: 'llm_context_length_exceeded' });
    expect(server.sent).toHaveLength(1);
  });
});

describe('a model that spends its tokens on thoughts', () => {
  it.each([
    ['and writes nothing', says('', 'length', 2_048)],
    ['and is cut off soon after', says('{"ci', 'length', 2_048)],
    ['in its text', says(`<think>${'hm '.repeat(99)}`, 'length', 99)],
  ])('%s gets a higher limit, and later calls begin with it', async (_how, cut) => {
    const client = makeClient();
    server.answer(cut, PARIS);
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 2 });
    expect(limits()).toEqual([2_048, 10_240]);
    server.answer(PARIS);
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 1 });
    expect(limits()).toEqual([10_240]);
  });

  it('gets no more than the host allows, and the same call is not repeated', async () => {
    const client = makeClient();
    server.answer(says('', 'length', 8_192), TOO_LARGE, PARIS);
    await expect(generate(client, 8_192)).resolves.toMatchObject({ llmCalls: 3 });
    server.answer(says('', 'length', 16_384));
    await expect(generate(client, 8_192)).rejects.toMatchObject({
      code: 'llm_invalid_output',
      message: expect.stringContaining('16384 tokens'),
    });
    expect(limits()).toEqual([16_384]);
  });

  it('is cut off if the host allows no more', async () => {
    server.answer(says('', 'length', 8_192), fails(400, 'max_tokens: 32768 > 8192'));
    await expect(generate(makeClient(), 8_192)).rejects.toMatchObject({
      code: 'llm_invalid_output',
      message: expect.stringContaining('8192 tokens'),
    });
    expect(server.sent).toHaveLength(2);
  });

  it('gets a higher limit in a stream as well', async () => {
    const client = makeClient();
    const silent = eventStream([{ data: { choices: [{ delta: {}, finish_reason: 'length' }] } }]);
    server.answer(silent, STREAMED_PARIS);
    await expect(stream(client)).resolves.toMatchObject({ text: 'Paris', llmCalls: 2 });
    expect(limits()).toEqual([2_048, 10_240]);
    server.answer(STREAMED_PARIS);
    await stream(client);
    expect(limits()).toEqual([10_240]);
    server.answer(silent, fails(400, 'No.'));
    await expect(stream()).rejects.toMatchObject({ code: 'llm_invalid_output' });
  });
});

describe('a host without a role for instructions', () => {
  it.each(['openai', 'anthropic'] as const)(
    'reads them from the first turn at %s',
    async (provider) => {
      const client = makeClient();
      const answer =
        provider === 'openai'
          ? PARIS
          : {
              status: 200,
              body: {
                content: [{ type: 'text', text: '{"city":"Paris"}' }],
                stop_reason: 'end_turn',
              },
            };
      server.answer(fails(400, 'System role not supported'), answer);
      await expect(generate(client, 100, target(provider))).resolves.toMatchObject({ llmCalls: 2 });
      expect(bodies()[1]).not.toHaveProperty('system');
      expect(bodies()[1]?.['messages']).toEqual([
        { role: 'user', content: 'Find the city.\n\nTwo people in Paris.' },
      ]);
      server.answer(answer);
      await expect(generate(client, 100, target(provider))).resolves.toMatchObject({ llmCalls: 1 });
    },
  );

  it('gets a developer turn if it asks for one', async () => {
    server.answer(fails(400, "'system' is not supported. Use 'developer' instead."), PARIS);
    await generate();
    expect(bodies()[1]?.['messages']).toMatchObject([{ role: 'developer' }, { role: 'user' }]);
  });

  it('and without any other feature answers within two extra calls', async () => {
    const client = makeClient();
    server.answer(
      fails(400, 'response_format is not supported'),
      fails(400, 'max_tokens is too large. At most 1024.'),
      (response, { body }) => {
        const plain = !/"role":"system"|response_format|tools/.test(body);
        response.writeHead(plain ? 200 : 400, { 'content-type': 'application/json' });
        response.end(JSON.stringify(plain ? PARIS.body : { error: { message: 'no' } }));
      },
    );
    await expect(generate(client)).resolves.toMatchObject({ llmCalls: 3 });
  });
});
