import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { AzureOpenAI } from 'openai';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { startSimulator } from './index.js';
import { STAND_IN_SENTENCE } from './stand-in/stand-in.js';
import { FACTS_SCHEMA, factsOf, WRITE_PROMPT } from './testing/prompts.js';

const simulator = await startSimulator();
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

const KEY = 'sk-simulated-0123456789abcdef';
const GLOBEX = 'Dana works at Globex.';

const openai = (baseURL = `${simulator.url}/v1`) =>
  new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0 });
const azure = (apiVersion = '2024-10-21') =>
  new AzureOpenAI({ apiKey: KEY, endpoint: simulator.url, apiVersion, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: KEY, baseURL: simulator.url, maxRetries: 0 });

const messages = [
  { role: 'system' as const, content: 'Answer as JSON.' },
  { role: 'user' as const, content: WRITE_PROMPT },
];
const strict = {
  type: 'json_schema' as const,
  json_schema: { name: 'extracted_facts', strict: true, schema: FACTS_SCHEMA },
};
const tool = {
  type: 'function' as const,
  function: { name: 'extracted_facts', strict: true, parameters: FACTS_SCHEMA },
};

const CLIENTS = {
  openai: openai(),
  'azure, legacy': azure(),
  'azure, v1': openai(`${simulator.url}/openai/v1`),
  vllm: openai(`${simulator.url}/compat/vllm/v1`),
  ollama: openai(`${simulator.url}/compat/ollama/v1`),
  together: openai(`${simulator.url}/compat/together/v1`),
  openrouter: openai(`${simulator.url}/compat/openrouter/v1`),
};

describe.each(Object.entries(CLIENTS))('the simulated %s', (_name, client) => {
  it('answers a strict schema with facts', async () => {
    const { choices, usage } = await client.chat.completions.create({
      model: 'gpt-4.1',
      messages,
      response_format: strict,
    });
    expect(factsOf(choices[0]?.message.content)).toContain(GLOBEX);
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  });

  it('calls the offered tool', async () => {
    const { choices } = await client.chat.completions.create({
      model: 'gpt-4.1',
      messages,
      tools: [tool],
    });
    const call = choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && factsOf(call.function.arguments)).toContain(GLOBEX);
    expect(choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('streams the text, then the finish reason, then the usage', async () => {
    const stream = await client.chat.completions.create({
      model: 'gpt-4.1',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      STAND_IN_SENTENCE,
    );
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual([
      'stop',
    ]);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('ends with `length` if the limit is too low', async () => {
    const { choices } = await client.chat.completions.create({
      model: 'gpt-4o',
      messages,
      max_tokens: 2,
    });
    expect(choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: expect.stringMatching(/^.{8}$/) },
    });
  });
});

describe('the simulated Anthropic', () => {
  const prompt = {
    model: 'claude-opus-4-7',
    max_tokens: 4_096,
    messages: [{ role: 'user' as const, content: WRITE_PROMPT }],
  };

  it('answers an output format with facts', async () => {
    const message = await anthropic().messages.create({
      ...prompt,
      output_config: { format: { type: 'json_schema', schema: FACTS_SCHEMA } },
    });
    const [block] = message.content;
    expect(block?.type === 'text' && factsOf(block.text)).toContain(GLOBEX);
    expect(message).toMatchObject({ stop_reason: 'end_turn', model: 'claude-opus-4-7' });
  });

  it('uses the forced tool', async () => {
    const message = await anthropic().messages.create({
      ...prompt,
      tools: [{ name: 'extracted_facts', input_schema: FACTS_SCHEMA }],
      tool_choice: { type: 'tool', name: 'extracted_facts', disable_parallel_tool_use: true },
    });
    const [block] = message.content;
    expect(block?.type === 'tool_use' && factsOf(JSON.stringify(block.input))).toContain(GLOBEX);
    expect(message.stop_reason).toBe('tool_use');
  });

  it('streams a message that the SDK assembles', async () => {
    const message = await anthropic()
      .messages.stream({
        model: 'claude-haiku-4-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Hello' }],
      })
      .finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: STAND_IN_SENTENCE }]);
    expect(message.stop_reason).toBe('end_turn');
    expect(message.usage.output_tokens).toBeGreaterThan(0);
  });

  it('streams a tool call', async () => {
    const message = await anthropic()
      .messages.stream({
        ...prompt,
        tools: [{ name: 'extracted_facts', input_schema: FACTS_SCHEMA }],
      })
      .finalMessage();
    const [block] = message.content;
    expect(block?.type === 'tool_use' && factsOf(JSON.stringify(block.input))).toContain(GLOBEX);
  });

  it('accepts the older headers x-api-key and anthropic-version', async () => {
    const client = new Anthropic({
      apiKey: KEY,
      baseURL: simulator.url,
      maxRetries: 0,
      defaultHeaders: { 'x-api-key': KEY, authorization: null, 'anthropic-version': '2023-06-01' },
    });
    await expect(client.models.retrieve('claude-opus-4-7')).resolves.toMatchObject({
      type: 'model',
    });
    expect(simulator.calls[0]?.headers).toMatchObject({
      'x-api-key': KEY,
      'anthropic-version': '2023-06-01',
    });
  });
});

describe('the simulated list of models', () => {
  it('is sent to a request with a bearer key', async () => {
    const { data } = await openai().models.list();
    expect(data.map(({ id }) => id)).toContain('gpt-4.1');
    await expect(openai().models.retrieve('sim-ok')).resolves.toMatchObject({ id: 'sim-ok' });
  });

  it('answers 404 for an unknown model', async () => {
    await expect(openai().models.retrieve('gpt-does-not-exist')).rejects.toMatchObject({
      status: 404,
    });
    await expect(anthropic().models.retrieve('sim-model-not-found')).rejects.toMatchObject({
      status: 404,
    });
  });
});
