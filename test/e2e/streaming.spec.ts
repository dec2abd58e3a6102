import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { eventsReply } from '../../scripts/simulator/index.js';
import { type OpenedStream, openStream, type ReceivedEvent } from '../support/event-stream.js';
import { type Product, startProduct } from '../support/product.js';

const KEY = 'sk-e2e-streaming-0123456789abcdef';
const TENANT = 'streaming';
const QUESTION = 'How many cats does Dana keep?';
const FACT = 'Dana keeps two cats, and both of them sleep on the piano.';

/** The shapes in which a caller may bring a model. */
const targets = (simulator: string, model?: string): Record<string, object> => ({
  anthropic: {
    provider: 'anthropic',
    model: model ?? 'claude-opus-4-7',
    key: KEY,
    base_url: simulator,
  },
  openai: { provider: 'openai', model: model ?? 'gpt-4.1', key: KEY, base_url: `${simulator}/v1` },
  azure: {
    provider: 'azure',
    model: model ?? 'my-deployment',
    key: KEY,
    base_url: simulator,
    extra: { api_version: '2024-10-21' },
  },
});
const SHAPES = Object.keys(targets(''));

const named = (events: readonly ReceivedEvent[]): string[] => events.map(({ event }) => event);
const textOf = (events: readonly ReceivedEvent[]): string =>
  events.map(({ event, data }) => (event === 'delta' ? data.text : '')).join('');

describe.each(['redis', 'postgres'] as const)('a question, with the queue on %s,', (queue) => {
  let product: Product;
  let apiKey: string;

  beforeAll(async () => {
    product = await startProduct({ queue });
    const account = await product.call('/admin/accounts', {
      apiKey: product.adminToken,
      body: { name: 'streaming' },
    });
    apiKey = account.json.api_key;
    await product.call('/agent/memories', { apiKey, body: { content: FACT, tenant_id: TENANT } });
  });
  afterEach(() => product.simulator.reset());
  afterAll(() => product.stop());

  const ask = (
    shape: string,
    { model, body = {}, headers = {} }: { model?: string; body?: object; headers?: object } = {},
  ): Promise<OpenedStream> =>
    openStream(`${product.url}/agent/query`, {
      apiKey,
      headers,
      body: {
        question: QUESTION,
        tenant_id: TENANT,
        llm: targets(product.simulator.url, model)[shape],
        ...body,
      },
    });
  const untilHungUp = async (): Promise<void> => {
    await vi.waitFor(
      () => expect(product.simulator.calls.at(-1)?.closedEarlyAt).toBeInstanceOf(Date),
      { timeout: 1_000, interval: 20 },
    );
  };

  it('ends when its API key is revoked, and the model’s call ends with it', async () => {
    const admin = { apiKey: product.adminToken };
    const account = await product.call('/admin/accounts', { ...admin, body: { name: 'revoked' } });
    const { api_key: ownKey, api_key_id: keyId } = account.json;
    await product.call('/agent/memories', { apiKey: ownKey, body: { content: FACT } });
    const llm = targets(product.simulator.url, 'sim-hang-mid-body')['openai'];
    const body = { question: QUESTION, llm };
    const stream = await openStream(`${product.url}/agent/query`, { apiKey: ownKey, body });
    expect(await stream.next()).toMatchObject({ event: 'retrieval' });
    await product.call(`/admin/keys/${keyId}`, { ...admin, method: 'DELETE' });
    const rest = await stream.rest();
    expect(rest.at(-1)).toMatchObject({
      event: 'error',
      data: { status: 401, code: 'not_authenticated' },
    });
    await untilHungUp();
  });

  describe.each(SHAPES)('on %s', (shape) => {
    it('is streamed while the answer is generated', async () => {
      const stream = await ask(shape);
      expect(stream.status).toBe(200);
      expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(stream.headers.get('cache-control')).toContain('no-cache');
      expect(stream.headers.get('x-accel-buffering')).toBe('no');
      const events = await stream.rest();
      expect(named(events)[0]).toBe('retrieval');
      expect(named(events).at(-1)).toBe('answer');
      expect(named(events).slice(1, -1)).toContain('delta');
      expect(new Set(named(events).slice(1, -1))).toEqual(new Set(['delta']));
      const [found, answer] = [events[0]?.data, events.at(-1)?.data];
      expect(found.memories).toMatchObject([{ decision: FACT }]);
      expect(found.citations).toMatchObject([{ index: 1, decision: FACT, cited_by_llm: false }]);
      expect(answer).toMatchObject({
        grounded: true,
        citations: [{ index: 1, cited_by_llm: true }],
        generation: { byo_llm: true, llm_calls: 1 },
      });
      expect(answer.generation.usage.input_tokens).toBeGreaterThan(0);
      expect(answer.generation.usage.output_tokens).toBeGreaterThan(0);
      expect(textOf(events)).toBe(answer.answer_with_citations);
      expect(product.simulator.calls).toHaveLength(1);
      expect(product.simulator.calls[0]?.body).toMatchObject({ stream: true });
    });

    it('sends its first words while the model still generates, and a disconnect ends the model’s call', async () => {
      const stream = await ask(shape, { model: 'sim-hang-mid-body' });
      expect(await stream.next()).toMatchObject({ event: 'retrieval' });
      expect(await stream.next()).toMatchObject({ event: 'delta' });
      expect(product.simulator.calls[0]?.closedEarlyAt).toBeUndefined();
      stream.leave();
      await untilHungUp();
    });

    it.each([
      'stream-error-event',
      'stream-overloaded-first',
      'stream-ends-early',
      'reset-mid-body',
    ])('that meets %s ends with that error', async (accident) => {
      const events = await (await ask(shape, { model: `sim-${accident}` })).rest();
      expect(named(events)[0]).toBe('retrieval');
      expect(events.at(-1)).toMatchObject({
        event: 'error',
        data: { status: 503, code: 'llm_unavailable', retryable: true },
      });
      expect(named(events)).not.toContain('answer');
    });

    it('that is rejected ends with the provider’s own words', async () => {
      const events = await (await ask(shape, { model: 'sim-rate-limited' })).rest();
      expect(named(events)).toEqual(['retrieval', 'error']);
      expect(events[1]?.data).toMatchObject({ code: 'llm_rate_limited', status: 429 });
      expect(events[1]?.data.request_id).toEqual(expect.any(String));
    });

    it('is answered without the key, even when the model repeats it', async () => {
      const stream = await ask(shape, { model: 'sim-echo-key-answer-whole' });
      const events = await stream.rest();
      expect(textOf(events)).toContain('Your key is [redacted].');
      const windows = Array.from({ length: KEY.length - 11 }, (_, at) => KEY.slice(at, at + 12));
      expect(windows.filter((window) => stream.text().includes(window))).toEqual([]);
    });
  });

  it('streams markers as the model writes them, and ends with those that cite a memory', async () => {
    const said = 'Two [mem-1], in a castle [mem-9].';
    product.simulator.script({ answer: said });
    const events = await (await ask('openai')).rest();
    expect(textOf(events)).toBe(said);
    expect(events.at(-1)?.data.answer_with_citations).toBe('Two [mem-1], in a castle.');
  });

  it('without any memory is answered without a model call', async () => {
    const events = await (await ask('openai', { body: { tenant_id: 'nobody' } })).rest();
    expect(named(events)).toEqual(['retrieval', 'answer']);
    expect(events[0]?.data).toMatchObject({ memories: [], citations: [] });
    expect(events[1]?.data).toMatchObject({ grounded: false, generation: { llm_calls: 0 } });
    expect(product.simulator.calls).toEqual([]);
  });

  it('that is malformed gets a plain problem before any stream', async () => {
    const stream = await ask('openai', { body: { question: '' } });
    expect(stream.status).toBe(400);
    expect(stream.headers.get('content-type')).toContain('application/problem+json');
  });

  it('asked for as JSON is not streamed, and neither is its model’s call', async () => {
    const body = {
      question: QUESTION,
      tenant_id: TENANT,
      llm: targets(product.simulator.url)['openai'],
    };
    for (const accept of ['application/json', '*/*', 'application/json, text/event-stream;q=0.5']) {
      const { status, json } = await product.call('/agent/query', {
        apiKey,
        body,
        headers: { accept },
      });
      expect({ status, json }).toMatchObject({ status: 200, json: { grounded: true } });
    }
    expect(product.simulator.calls).toHaveLength(3);
    expect(JSON.stringify(product.simulator.calls.map((call) => call.body))).not.toContain(
      '"stream":true',
    );
  });

  it('is streamed although respond-async is preferred, and the answer does not name that preference', async () => {
    const stream = await ask('openai', { headers: { prefer: 'respond-async' } });
    expect(stream.status).toBe(200);
    expect(stream.headers.get('preference-applied')).toBeNull();
    expect(named(await stream.rest()).at(-1)).toBe('answer');
  });

  it('asked for as JSON ends the model’s call, too, when the client disconnects', async () => {
    const left = new AbortController();
    const asked = fetch(`${product.url}/agent/query`, {
      method: 'POST',
      signal: left.signal,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        question: QUESTION,
        tenant_id: TENANT,
        llm: targets(product.simulator.url, 'sim-hang')['openai'],
      }),
    }).catch(() => undefined);
    await vi.waitFor(() => expect(product.simulator.calls).toHaveLength(1), { timeout: 5_000 });
    left.abort();
    await asked;
    await untilHungUp();
  });

  // Seconds each, and the same on either queue.
  if (queue !== 'redis') return;

  it('with a slow model gets heartbeats until the answer comes', async () => {
    const [begins, ends] = [
      { delta: { content: 'Dana keeps two cats ' } },
      { delta: { content: '[mem-1].' }, finish_reason: 'stop' },
    ].map((choice) => ({ data: { choices: [choice] } }));
    // One pause that is longer than a gateway waits for a worker without heartbeats.
    product.simulator.script({
      reply: () => ({ ...eventsReply([begins!, ends!]), gapMs: 16_500 }),
    });
    const stream = await ask('openai');
    const events = await stream.rest();
    expect(named(events).at(-1)).toBe('answer');
    expect(textOf(events)).toBe('Dana keeps two cats [mem-1].');
    expect(stream.text()).toContain(': keep-alive\n\n');
  });

  it('whose worker dies gets 503 after fifteen seconds, and is not run again', async () => {
    const asked = product.call('/agent/query', {
      apiKey,
      body: {
        question: QUESTION,
        tenant_id: TENANT,
        llm: targets(product.simulator.url, 'sim-hang')['openai'],
      },
    });
    await vi.waitFor(() => expect(product.simulator.calls).toHaveLength(1), { timeout: 5_000 });
    const begun = Date.now();
    await product.restart('query-worker');
    const { status, headers, json } = await asked;
    expect({ status, code: json.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(headers.get('retry-after')).toBe('5');
    expect(Date.now() - begun).toBeLessThan(20_000);
    expect(product.simulator.calls).toHaveLength(1);
  });
});
