import { APIError as AnthropicError } from '@anthropic-ai/sdk';
import { APIError } from 'openai';
import { afterAll, describe, expect, it } from 'vitest';

import { ANTHROPIC_FAILURES } from './anthropic/anthropic-failures.js';
import { AZURE_FAILURES } from './azure/azure-failures.js';
import { COMPAT_WIRES } from './compat/compat.wire.js';
import { startSimulator } from './index.js';
import { OPENAI_FAILURES } from './openai/openai-failures.js';
import { askChat, askMessage, clientsOf } from './testing/clients.js';

const simulator = await startSimulator();
afterAll(() => simulator.close());
const clients = clientsOf(simulator.url);

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(simulator.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const hello = { messages: [{ role: 'user', content: 'Hello' }] };

const waitOf = async (model: string) =>
  (
    await post(
      '/v1/chat/completions',
      { ...hello, model },
      { authorization: 'Bearer sk-simulated' },
    )
  ).headers.get('retry-after');

describe('the vendor’s SDK reads the status of every simulated failure', () => {
  it.each(OPENAI_FAILURES.map(({ name, status }) => [name, status]))(
    'OpenAI: %s',
    async (name, status) => {
      const error = await askChat(clients.openai, `sim-${name}`).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({
        status,
        requestID: expect.stringMatching(/^req_[0-9a-f]{32}$/),
      });
    },
  );

  it.each(AZURE_FAILURES.map(({ name, status }) => [name, status]))(
    'Azure: %s',
    async (name, status) => {
      await expect(askChat(clients.azure, `sim-${name}`)).rejects.toMatchObject({ status });
      await expect(askChat(clients.azureV1, `sim-${name}`)).rejects.toMatchObject({ status });
    },
  );

  it.each(ANTHROPIC_FAILURES.map(({ name, status }) => [name, status]))(
    'Anthropic: %s',
    async (name, status) => {
      const error = await askMessage(clients.anthropic, `sim-${name}`).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(AnthropicError);
      const { requestID } = error as AnthropicError;
      expect(error).toMatchObject({ status, error: { type: 'error', request_id: requestID } });
      expect(requestID).toMatch(/^req_011C/);
    },
  );

  const rows = [...COMPAT_WIRES].flatMap(([flavour, { failures }]) =>
    failures
      .filter(({ status }) => status >= 400)
      .map(({ name, status }) => [flavour, name, status] as const),
  );
  it.each(rows)('%s: %s', async (flavour, name, status) => {
    await expect(askChat(clients.compat(flavour), `sim-${name}`)).rejects.toMatchObject({ status });
  });

  it('and every name is unique within its table', () => {
    for (const table of [
      OPENAI_FAILURES,
      AZURE_FAILURES,
      ANTHROPIC_FAILURES,
      ...[...COMPAT_WIRES.values()].map(({ failures }) => failures),
    ]) {
      const names = table.map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});

describe('the simulator repeats recorded answers exactly', () => {
  it('OpenAI masks a long key and shows a short one whole', async () => {
    const long = await post(
      '/v1/chat/completions',
      { ...hello, model: 'x' },
      { authorization: 'Bearer sk-wrong-0123456789abcdwjh3' },
    );
    expect((await long.json()) as object).toEqual({
      error: {
        message:
          'Incorrect API key provided: sk-wrong***************wjh3. You can find your API key at https://platform.openai.com/account/api-keys.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    const short = await post(
      '/v1/chat/completions',
      { ...hello, model: 'x' },
      { authorization: 'Bearer bad-one' },
    );
    expect(await short.text()).toContain('provided: bad-one.');
  });

  it('OpenAI sends rate-limit headers with a success and not for an unknown model', async () => {
    const headers = { authorization: 'Bearer sk-simulated' };
    const good = await post('/v1/chat/completions', { ...hello, model: 'gpt-4.1' }, headers);
    expect(good.headers.get('x-ratelimit-reset-tokens')).toBe('0s');
    expect(good.headers.get('set-cookie')).toMatch(/^__cf_bm=/);
    const missing = await post(
      '/v1/chat/completions',
      { ...hello, model: 'sim-model-not-found' },
      headers,
    );
    expect(missing.headers.get('x-ratelimit-reset-tokens')).toBeNull();
  });

  it('a 429 with and without Retry-After', async () => {
    expect(await waitOf('sim-rate-limited')).toBe('4');
    expect(await waitOf('sim-rate-limited-bare')).toBeNull();
  });

  it('Azure answers a request without api-version with 56 bytes', async () => {
    const answer = await post('/openai/deployments/gpt/chat/completions', hello, {
      'api-key': 'simulated',
    });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('{"error":{"code":"404","message": "Resource not found"}}'); // as recorded
    expect(answer.headers.get('content-length')).toBe('56');
  });

  it('Azure answers a missing key with its own reason phrase and only one of its headers', async () => {
    const answer = await post(
      '/openai/deployments/gpt/chat/completions?api-version=2024-10-21',
      hello,
      { 'api-key': '' },
    );
    expect([answer.status, answer.statusText]).toEqual([401, 'PermissionDenied']);
    expect(answer.headers.get('apim-request-id')).not.toBeNull();
    expect(answer.headers.get('x-ms-region')).toBeNull();
  });

  it('Anthropic answers 529 with x-should-retry when it is overloaded', async () => {
    const answer = await post(
      '/v1/messages',
      { ...hello, model: 'sim-overloaded', max_tokens: 10 },
      { 'x-api-key': 'simulated', 'anthropic-version': '2023-06-01' },
    );
    expect(answer.status).toBe(529);
    expect(answer.headers.get('x-should-retry')).toBe('true');
    expect(await answer.json()).toMatchObject({
      error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
    });
  });

  it('vLLM sends a number as the code, and a string as the error for a missing key', async () => {
    const headers = { authorization: 'Bearer simulated' };
    const missing = await post(
      '/compat/vllm/v1/chat/completions',
      { ...hello, model: 'sim-model-not-found' },
      headers,
    );
    expect(await missing.json()).toMatchObject({ error: { code: 404, type: 'NotFoundError' } });
    const keyless = await post('/compat/vllm/v1/chat/completions', { ...hello, model: 'x' });
    expect(await keyless.json()).toEqual({ error: 'Unauthorized' });
  });

  it('Groq omits `param`, and DeepSeek sends JSON as application/octet-stream', async () => {
    const headers = { authorization: 'Bearer simulated' };
    const groq = await post(
      '/compat/groq/v1/chat/completions',
      { ...hello, model: 'sim-model-not-found' },
      headers,
    );
    expect(Object.keys(((await groq.json()) as { error: object }).error)).toEqual([
      'message',
      'type',
      'code',
    ]);
    const deepseek = await post(
      '/compat/deepseek/v1/chat/completions',
      { ...hello, model: 'sim-json-schema-refused' },
      headers,
    );
    expect(deepseek.headers.get('content-type')).toBe('application/octet-stream');
  });
});
