import { setTimeout as pause } from 'node:timers/promises';

import { APIConnectionError } from 'openai';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { startSimulator } from './index.js';
import { askChat, askMessage, clientsOf } from './testing/clients.js';
import { FACTS_SCHEMA, factsOf, WRITE_PROMPT } from './testing/prompts.js';

const KEY = 'sk-simulated/with+odd-characters=';
const simulator = await startSimulator();
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());
const { openai, anthropic } = clientsOf(simulator.url, KEY);

const facts = {
  messages: [{ role: 'user', content: WRITE_PROMPT }],
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'extracted_facts', strict: true, schema: FACTS_SCHEMA },
  },
};
const raw = (model: string, more: object = {}, signal?: AbortSignal) =>
  fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], ...more }),
    ...(signal && { signal }),
  });

const content = async (name: string, more: object = facts) =>
  (await askChat(openai, `sim-${name}`, more)).choices[0];

describe('an accident replaces the answer', () => {
  it('by an HTML page, with status 502 or 200', async () => {
    for (const [name, status] of [
      ['html', 502],
      ['html-200', 200],
    ] as const) {
      const answer = await raw(`sim-${name}`);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('text/html');
      expect(await answer.text()).toMatch(/^<!DOCTYPE html>/);
    }
  });

  it('by an empty body, a wrong content type, incomplete JSON, or an error with status 200', async () => {
    expect(await (await raw('sim-empty-body')).text()).toBe('');
    expect((await raw('sim-wrong-content-type')).headers.get('content-type')).toContain(
      'text/plain',
    );
    await expect((await raw('sim-json-cut-off')).json()).rejects.toThrow(SyntaxError);
    const inside = await raw('sim-error-in-ok');
    expect([inside.status, await inside.json()]).toMatchObject([
      200,
      { error: { type: 'server_error' } },
    ]);
  });

  it('by a redirect', async () => {
    const answer = await raw('sim-redirect-307');
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toBe(`${simulator.url}/redirected`);
  });
});

describe('an accident of the connection', () => {
  it('resets it before the status', async () => {
    await expect(askChat(openai, 'sim-reset-before-body')).rejects.toBeInstanceOf(
      APIConnectionError,
    );
  });

  it('resets it in the middle of the body, streamed or not', async () => {
    for (const stream of [false, true]) {
      const answer = await raw('sim-reset-mid-body', { stream });
      expect(answer.status).toBe(200);
      await expect(answer.text()).rejects.toThrow('terminated');
    }
  });

  it('sends nothing until the client disconnects, and the disconnect is recorded', async () => {
    const leaving = new AbortController();
    const answer = raw('sim-hang', {}, leaving.signal);
    await vi.waitFor(() => expect(simulator.calls).toHaveLength(1));
    expect(simulator.calls[0]?.closedEarlyAt).toBeUndefined();
    leaving.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    await vi.waitFor(() => expect(simulator.calls[0]?.closedEarlyAt).toBeInstanceOf(Date));
  });

  it('sends the body slowly, and stops when the client disconnects', async () => {
    const leaving = new AbortController();
    const answer = await raw('sim-slow-drip', { stream: true }, leaving.signal);
    await answer.body?.getReader().read();
    leaving.abort();
    await vi.waitFor(() => expect(simulator.calls[0]?.closedEarlyAt).toBeInstanceOf(Date));
  });

  it('ends a stream without a finish reason', async () => {
    const text = await (await raw('sim-stream-ends-early', { stream: true })).text();
    expect(text).toContain('data: {');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('"finish_reason":"stop"');
  });
});

describe('an error in a stream', () => {
  it('is an error event in Anthropic’s streams', async () => {
    const stream = anthropic.messages.stream({
      model: 'sim-stream-overloaded-first',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
  });

  it('is the last chunk of OpenAI’s streams', async () => {
    const text = await (await raw('sim-stream-error-event', { stream: true })).text();
    expect(text).toMatch(/"delta":\{"content":/);
    expect(text.trim().split('\n\n').at(-1)).toMatch(/^data: \{"error":/);
  });
});

describe('an accident of the model', () => {
  it('cuts off, refuses, filters or empties the answer', async () => {
    expect(await content('truncated')).toMatchObject({ finish_reason: 'length' });
    expect(await content('refusal')).toMatchObject({
      message: { content: null, refusal: expect.stringContaining('sorry') },
    });
    expect(await content('content-filter')).toMatchObject({ finish_reason: 'content_filter' });
    expect(await content('empty-answer')).toMatchObject({ message: { content: null } });
    expect(await askMessage(anthropic, 'sim-refusal')).toMatchObject({ stop_reason: 'refusal' });
    expect(await askMessage(anthropic, 'sim-truncated')).toMatchObject({
      stop_reason: 'max_tokens',
    });
  });

  it('breaks the JSON of the first answer only, so that a repair turn succeeds', async () => {
    const broken = (await content('invalid-json-once'))?.message.content;
    expect(() => JSON.parse(broken ?? '') as unknown).toThrow(SyntaxError);
    const repair = [
      ...facts.messages,
      { role: 'assistant', content: broken },
      { role: 'user', content: 'That was no JSON.' },
    ];
    const mended = await content('invalid-json-once', { ...facts, messages: repair });
    expect(factsOf(mended?.message.content)).toContain('Dana works at Globex.');
  });

  it('puts the JSON into a code fence or after a thought, or repeats the schema', async () => {
    expect((await content('fenced-json'))?.message.content).toMatch(/^```json\n\{/);
    expect((await content('thinking-json'))?.message.content).toMatch(/^<think>/);
    expect(JSON.parse((await content('schema-echo'))?.message.content ?? '')).toEqual(FACTS_SCHEMA);
  });
});

describe('the caller’s key is repeated', () => {
  const forms = {
    whole: KEY,
    base64: Buffer.from(KEY).toString('base64'),
    urlencoded: encodeURIComponent(KEY),
    masked: 'sk-simul*********************ers=',
  };

  it.each(Object.entries(forms))('%s in an error, an answer and a fact', async (form, shown) => {
    await expect(askChat(openai, `sim-echo-key-error-${form}`)).rejects.toThrow(shown);
    await expect(askMessage(anthropic, `sim-echo-key-error-${form}`)).rejects.toThrow(shown);
    const answer = await askMessage(anthropic, `sim-echo-key-answer-${form}`);
    expect(JSON.stringify(answer.content)).toContain(shown);
    const [fact] = factsOf(
      (await askChat(openai, `sim-echo-key-fact-${form}`, facts)).choices[0]?.message.content,
    );
    expect(fact).toContain(shown);
  });

  it('in response headers', async () => {
    expect((await raw('sim-echo-key-header')).headers.get('x-debug-authorization')).toBe(KEY);
    expect((await raw('sim-echo-key-request-id')).headers.get('x-request-id')).toBe(KEY);
  });
});

it('delays an answer by the milliseconds in the model’s name', async () => {
  const answer = raw('sim-delay-300').then(() => 'answered');
  expect(await Promise.race([answer, pause(100, 'waiting')])).toBe('waiting');
  expect(await answer).toBe('answered');
});
