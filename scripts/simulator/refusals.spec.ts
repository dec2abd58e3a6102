import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { AzureOpenAI } from 'openai';
import { afterAll, describe, expect, it } from 'vitest';

import { startSimulator } from './index.js';
import { askChat, askMessage, clientsOf } from './testing/clients.js';
import { FACTS_SCHEMA } from './testing/prompts.js';

const simulator = await startSimulator();
afterAll(() => simulator.close());
const { openai, azure, anthropic, compat } = clientsOf(simulator.url);

const format = (schema: object) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'X', strict: true, schema } },
});
const { additionalProperties: _closed, ...open } = FACTS_SCHEMA;

const dated = (apiVersion: string) =>
  new AzureOpenAI({ apiKey: 'simulated', endpoint: simulator.url, apiVersion, maxRetries: 0 });

const output = (schema: object) => ({
  output_config: { format: { type: 'json_schema', schema } },
});

const sent = (headers: Record<string, string | null>) =>
  askMessage(
    new Anthropic({
      apiKey: 'x',
      baseURL: simulator.url,
      maxRetries: 0,
      defaultHeaders: headers,
    }),
    'claude-opus-4-7',
  );

describe('the simulated OpenAI refuses', () => {
  it.each(['o3-mini', 'gpt-5', 'gpt-5.1-mini'])(
    'max_tokens for %s, and accepts max_completion_tokens',
    async (model) => {
      await expect(askChat(openai, model, { max_tokens: 10 })).rejects.toMatchObject({
        status: 400,
        param: 'max_tokens',
        code: 'unsupported_parameter',
      });
      await expect(askChat(openai, model, { max_completion_tokens: 10 })).resolves.toBeDefined();
    },
  );

  it('a temperature for reasoning models, with the code of each model family', async () => {
    await expect(askChat(openai, 'gpt-5', { temperature: 0.2 })).rejects.toMatchObject({
      code: 'unsupported_value',
    });
    await expect(askChat(openai, 'o3-mini', { temperature: 0.2 })).rejects.toMatchObject({
      code: 'unsupported_parameter',
    });
    await expect(askChat(openai, 'gpt-4.1', { temperature: 0.2 })).resolves.toBeDefined();
    await expect(
      askChat(openai, 'gpt-5.1', { temperature: 0.2, reasoning_effort: 'none' }),
    ).resolves.toBeDefined();
  });

  it('a strict schema with an open object or an optional key', async () => {
    await expect(askChat(openai, 'gpt-4.1', format(open))).rejects.toThrow(
      "400 Invalid schema for response_format 'X': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    );
    await expect(
      askChat(openai, 'gpt-4.1', format({ ...FACTS_SCHEMA, required: ['facts'] })),
    ).rejects.toThrow(/every key in properties. Missing 'note'/);
    const inner = {
      ...FACTS_SCHEMA,
      properties: { ...FACTS_SCHEMA.properties, facts: { type: 'array', items: open } },
    };
    await expect(askChat(openai, 'gpt-4.1', format(inner))).rejects.toThrow(
      /In context=\('properties', 'facts', 'items'\)/,
    );
    await expect(askChat(openai, 'gpt-4.1', format(FACTS_SCHEMA))).resolves.toBeDefined();
  });

  it('the format json_object if no message contains the word JSON', async () => {
    const more = { response_format: { type: 'json_object' } };
    await expect(askChat(openai, 'gpt-4.1', more)).rejects.toThrow(/must contain the word 'json'/);
    const messages = [{ role: 'user', content: 'Hello in JSON' }];
    await expect(askChat(openai, 'gpt-4.1', { ...more, messages })).resolves.toBeDefined();
  });

  it('a request without messages or a key, for an unknown model, or with a too long prompt', async () => {
    await expect(askChat(openai, 'gpt-4.1', { messages: [] })).rejects.toMatchObject({
      status: 400,
      code: 'empty_array',
    });
    await expect(askChat(openai, 'gpt-does-not-exist')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    const long = [{ role: 'user', content: 'word '.repeat(110_000) }];
    await expect(askChat(openai, 'gpt-4.1', { messages: long })).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    const keyless = new OpenAI({
      apiKey: 'x',
      baseURL: `${simulator.url}/v1`,
      maxRetries: 0,
      defaultHeaders: { authorization: 'Bearer ' },
    });
    await expect(askChat(keyless, 'gpt-4.1')).rejects.toMatchObject({ status: 401, code: null });
  });
});

describe('the simulated Azure refuses', () => {
  it('features that are newer than the api-version', async () => {
    await expect(askChat(dated('2024-02-01'), 'gpt', format(FACTS_SCHEMA))).rejects.toThrow(
      /2024-08-01-preview and later/,
    );
    await expect(askChat(dated('2024-02-01'), 'gpt')).resolves.toBeDefined();
    await expect(askChat(dated('2024-08-01-preview'), 'o3-mini')).rejects.toThrow(
      /2024-12-01-preview and later/,
    );
    await expect(askChat(dated('2021-01-01'), 'gpt')).rejects.toMatchObject({ status: 400 });
    await expect(askChat(dated('latest'), 'gpt')).rejects.toMatchObject({ status: 404 });
  });

  it('an unknown deployment, and paths of the dated API under the v1 address', async () => {
    await expect(askChat(azure, 'does-not-exist')).rejects.toMatchObject({
      status: 404,
      code: 'DeploymentNotFound',
    });
    const astray = new AzureOpenAI({
      apiKey: 'simulated',
      baseURL: `${simulator.url}/openai/v1`,
      apiVersion: '2024-10-21',
      maxRetries: 0,
    });
    await expect(askChat(astray, 'gpt')).rejects.toMatchObject({ status: 404 });
  });
});

describe('the simulated Anthropic refuses', () => {
  const tool = {
    tools: [{ name: 'X', input_schema: FACTS_SCHEMA }],
    tool_choice: { type: 'tool', name: 'X' },
  };

  it.each([
    'claude-opus-4-7',
    'claude-opus-4-8',
    'claude-opus-5',
    'claude-sonnet-5',
    'claude-fable-5',
  ])('a temperature for %s', async (model) => {
    await expect(askMessage(anthropic, model, { temperature: 0 })).rejects.toThrow(
      /`temperature` is deprecated for this model\./,
    );
    await expect(askMessage(anthropic, model)).resolves.toBeDefined();
  });

  it('no temperature for models before Opus 4.7', async () => {
    await expect(
      askMessage(anthropic, 'claude-opus-4-6', { temperature: 0 }),
    ).resolves.toBeDefined();
    await expect(
      askMessage(anthropic, 'claude-haiku-4-5-20251001', { temperature: 0 }),
    ).resolves.toBeDefined();
  });

  it('a forced tool together with thinking, and every forced tool for Fable', async () => {
    const thinking = { thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 4_096 };
    await expect(
      askMessage(anthropic, 'claude-sonnet-4-6', { ...tool, ...thinking }),
    ).rejects.toThrow(/Thinking may not be enabled/);
    await expect(askMessage(anthropic, 'claude-fable-5', tool)).rejects.toMatchObject({
      status: 400,
    });
    await expect(askMessage(anthropic, 'claude-sonnet-4-6', tool)).resolves.toBeDefined();
  });

  it('an output format with an open object or with bounds, and any output format for old models', async () => {
    await expect(askMessage(anthropic, 'claude-opus-4-7', output(open))).rejects.toThrow(
      /must be explicitly set to false/,
    );
    const bounded = {
      ...FACTS_SCHEMA,
      properties: { note: { type: 'integer', minimum: 1, maximum: 10 } },
    };
    await expect(askMessage(anthropic, 'claude-opus-4-7', output(bounded))).rejects.toThrow(
      /properties maximum, minimum are not supported/,
    );
    await expect(
      askMessage(anthropic, 'claude-3-5-haiku-20241022', output(FACTS_SCHEMA)),
    ).rejects.toMatchObject({ status: 400 });
    await expect(
      askMessage(anthropic, 'claude-haiku-4-5-20251001', output(FACTS_SCHEMA)),
    ).resolves.toBeDefined();
  });

  it('a request without messages, without a version, without a key, or with two keys', async () => {
    await expect(askMessage(anthropic, 'claude-opus-4-7', { messages: [] })).rejects.toThrow(
      /at least one message/,
    );
    await expect(sent({ 'anthropic-version': null })).rejects.toMatchObject({ status: 400 });
    await expect(sent({ 'x-api-key': 'one', authorization: 'Bearer two' })).rejects.toMatchObject({
      status: 401,
    });
    await expect(sent({ 'x-api-key': ' ', authorization: 'Bearer ' })).rejects.toThrow(
      /x-api-key header is required/,
    );
  });
});

describe('a simulated OpenAI-compatible server', () => {
  it('refuses json_schema as DeepSeek and as most models of Groq', async () => {
    await expect(askChat(compat('groq'), 'llama-3.3-70b', format(FACTS_SCHEMA))).rejects.toThrow(
      /not one of the allowed values/,
    );
    await expect(
      askChat(compat('groq'), 'openai/gpt-oss-120b', format(FACTS_SCHEMA)),
    ).resolves.toBeDefined();
    await expect(
      askChat(compat('deepseek'), 'deepseek-chat', format(FACTS_SCHEMA)),
    ).rejects.toThrow(/unavailable now/);
  });

  it('refuses a required tool as Moonshot, and max_completion_tokens as Mistral', async () => {
    const tools = [{ type: 'function', function: { name: 'X', parameters: FACTS_SCHEMA } }];
    await expect(
      askChat(compat('moonshot'), 'kimi', { tools, tool_choice: 'required' }),
    ).rejects.toMatchObject({ status: 400 });
    await expect(
      askChat(compat('moonshot'), 'kimi', { tools, tool_choice: 'auto' }),
    ).resolves.toBeDefined();
    await expect(
      askChat(compat('mistral'), 'mistral-large', { max_completion_tokens: 9 }),
    ).rejects.toMatchObject({ status: 422 });
  });

  it('ignores unknown fields as Ollama', async () => {
    const unread = await askChat(compat('ollama'), 'llama3', { max_completion_tokens: 1 });
    expect(unread.choices[0]?.finish_reason).toBe('stop');
    const read = await askChat(compat('ollama'), 'llama3', { max_tokens: 1 });
    expect(read.choices[0]?.finish_reason).toBe('length');
  });
});
