import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { jsonReply } from '../../scripts/simulator/index.js';
import { type Shape, startByo } from '../support/byo.js';
import type { Received } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const TIMEOUT_MS = 1_000;
const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon last spring.' }];

let tenants = 0;

const byo = await perFile(startByo({ LLM_TIMEOUT_MS: String(TIMEOUT_MS) }));

beforeAll(async () => {
  await byo.gateway.send('/agent/memories', { body: { content: 'Dana works at Globex.' } });
});
afterEach(() => byo.providers.reset());

const write = (llm: object, headers?: Record<string, string>): Promise<Received> => {
  tenants += 1;
  const body = { messages: MESSAGES, tenant_id: `t-${tenants}`, llm };
  return byo.call('/agent/memories', { body, ...(headers && { headers }) });
};

/** A completion that says what it cost. */
const completion =
  (content: string, finish = 'stop') =>
  () =>
    jsonReply(200, {
      choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content } }],
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    });
const GOOD = JSON.stringify({ facts: [], note: 'Small talk.' });
const rejected = (code: string | null, message: string) => () =>
  jsonReply(400, { error: { message, type: 'invalid_request_error', param: null, code } });

describe('the fallback ladder', () => {
  it.each([
    ['compat/deepseek', 'deepseek-chat', 'deepseek-reasoner', 2],
    ['compat/groq', 'llama-3.1-8b-instant', 'gemma2-9b-it', 2],
    ['compat/mistral', 'mistral-large', 'mistral-small', 1],
    ['openai', 'gpt-3.5-turbo', 'gpt-4-turbo', 2],
    // Known by their names to refuse max_tokens: nothing has to be learned.
    ['openai', 'o4-mini', 'o3', 1],
  ] as const)(
    'at %s learns once what %s refuses, and separately what %s refuses',
    async (shape: Shape, model, other, first) => {
      const callsFor = async (asked: string): Promise<number[]> => {
        byo.providers.reset();
        const { status, json } = await write(byo.llm(shape, asked));
        expect(status).toBe(200);
        return [json.extraction.llm_calls, byo.providers.calls.length];
      };
      expect(await callsFor(model)).toEqual([first, first]);
      expect(await callsFor(model)).toEqual([1, 1]);
      expect(await callsFor(other)).toEqual([first, first]);
    },
  );

  it('remembers what a host refused for every key, not for one caller', async () => {
    const model = 'deepseek-learned';
    await write(byo.llm('compat/deepseek', model, 'sk-byo-one-0123456789abcdef'));
    byo.providers.reset();
    const again = await write(byo.llm('compat/deepseek', model, 'sk-byo-two-fedcba9876543210'));
    expect(again.json.extraction.llm_calls).toBe(1);
    expect(byo.providers.calls).toHaveLength(1);
  });

  it('counts all calls and their tokens, repairs included', async () => {
    byo.providers.script(
      { reply: rejected(null, "'response_format.type' : value is not one of the allowed values") },
      { reply: completion('Sure! Here are your facts.') },
      { reply: completion(GOOD) },
    );
    const { status, json } = await write(byo.llm('openai', 'counted'));
    expect(status).toBe(200);
    expect(json.extraction).toMatchObject({
      llm_calls: 3,
      usage: { input_tokens: 200, output_tokens: 20 },
      note: 'Small talk.',
    });
    expect(byo.providers.calls).toHaveLength(3);
  });

  it('counts what a query cost, its second attempt included', async () => {
    byo.providers.script(
      { reply: completion('At Glo', 'length') },
      { reply: completion('At Globex [mem-1].') },
    );
    const { json } = await byo.call('/agent/query', {
      body: { question: 'Where does Dana work?', llm: byo.llm('openai', 'counted-too') },
    });
    expect(json).toMatchObject({
      answer: 'At Globex.',
      generation: { llm_calls: 2, usage: { input_tokens: 200, output_tokens: 20 } },
    });
  });

  it('ends after two extra calls, with the provider’s last error', async () => {
    byo.providers.script({
      times: 9,
      reply: rejected(null, 'response_format, tools and everything else is unsupported'),
    });
    const { status, json } = await write(byo.llm('openai', 'refuses-all'));
    expect({ status, code: json.code }).toEqual({ status: 422, code: 'llm_rejected_request' });
    expect(byo.providers.calls).toHaveLength(3);
  });

  it('allows two extra calls for a whole generation, however many steps it takes', async () => {
    const fluke = { reply: rejected('json_validate_failed', 'Failed to generate JSON.') };
    byo.providers.script(fluke, fluke, { reply: completion('no JSON') }, { times: 9, ...fluke });
    const { status } = await write(byo.llm('openai', 'flukes'));
    expect(status).toBe(422);
    // Two steps down, the answer that is no use, and one repair.
    expect(byo.providers.calls).toHaveLength(4);
  });
});

describe('output that is unusable after one repair', () => {
  it.each(['openai', 'anthropic', 'azure', 'compat/ollama'] as const)(
    'is 502 at %s, never an empty list of facts, and the job reports the same',
    async (shape) => {
      const llm = byo.llm(shape, 'sim-prose');
      const now = await write(llm);
      expect({ status: now.status, code: now.json.code }).toEqual({
        status: 502,
        code: 'llm_invalid_output',
      });
      expect(now.json).not.toHaveProperty('extracted_count');
      expect(byo.providers.calls).toHaveLength(2);
      const later = await write(llm, { prefer: 'respond-async' });
      const job = await byo.ended(later.headers['location']);
      expect(job.json).toMatchObject({
        state: 'failed',
        attempts: 1,
        result: null,
        error: { code: 'llm_invalid_output', status: 502, retryable: false },
      });
    },
  );

  it('an empty list that the model gives on purpose is a success', async () => {
    const { status, json } = await write(byo.llm('openai', 'sim-no-facts'));
    expect(status).toBe(200);
    expect(json).toMatchObject({ extracted_count: 0, extraction: { note: 'Only small talk.' } });
  });
});

describe('a call timeout', () => {
  it.each(['hang', 'hang-mid-body', 'slow-drip'])(
    'ends a call that runs too long: %s, once, and the provider sees the connection close',
    async (scenario) => {
      const began = Date.now();
      const { status, json } = await write(byo.llm('anthropic', `sim-${scenario}`));
      const tookMs = Date.now() - began;
      expect({ status, code: json.code }).toEqual({ status: 503, code: 'llm_unavailable' });
      expect(tookMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 50);
      expect(tookMs).toBeLessThan(TIMEOUT_MS * 8);
      expect(byo.providers.calls).toHaveLength(1);
      await vi.waitFor(() => expect(byo.providers.calls[0]).toHaveProperty('closedEarlyAt'), {
        timeout: 10_000,
      });
    },
  );

  it.each([
    ['azure', 'rate-limited', 'llm_rate_limited', '33'],
    ['openai', 'overloaded-with-wait', 'llm_unavailable', '7'],
    ['anthropic', 'overloaded', 'llm_unavailable', undefined],
  ] as const)(
    'is reported without a retry while the caller waits: %s, %s, after one call',
    async (shape, scenario, code, wait) => {
      const began = Date.now();
      for (const asked of [
        write(byo.llm(shape, `sim-${scenario}`)),
        byo.call('/agent/query', {
          body: { question: 'Where does Dana work?', llm: byo.llm(shape, `sim-${scenario}`) },
        }),
      ]) {
        const { json, headers } = await asked;
        expect({ code: json.code, wait: headers['retry-after'] }).toEqual({ code, wait });
      }
      expect(Date.now() - began).toBeLessThan(5_000);
      expect(byo.providers.calls).toHaveLength(2);
    },
  );
});

describe('an asynchronous job whose provider asks for a wait', () => {
  it('waits as long as asked, within its hour, and ends with the provider’s own error', async () => {
    const accepted = await write(byo.llm('azure', 'sim-rate-limited-short'), {
      prefer: 'respond-async',
    });
    // The hour, made shorter: the second wait would pass it.
    await byo.sql(`update writes set deadline_at = now() + interval '3 seconds' where id = $1`, [
      accepted.json.job_id,
    ]);
    const { json } = await byo.ended(accepted.headers['location']);
    expect(json).toMatchObject({
      state: 'failed',
      attempts: 2,
      error: {
        code: 'llm_rate_limited',
        status: 429,
        detail: 'Rate limit is exceeded. Try again in 2 seconds.',
        retryable: true,
        retry_after_ms: 2_000,
        provider: { name: 'azure', status: 429, code: '429' },
      },
    });
    const [first, second] = byo.providers.calls;
    expect(byo.providers.calls).toHaveLength(2);
    expect(second!.at.getTime() - first!.at.getTime()).toBeGreaterThanOrEqual(1_950);
  });

  it('succeeds once the provider does', async () => {
    byo.providers.script({ scenario: 'rate-limited-short' });
    const accepted = await write(byo.llm('azure', 'recovers'), { prefer: 'respond-async' });
    const { json } = await byo.ended(accepted.headers['location']);
    expect(json).toMatchObject({ state: 'succeeded', attempts: 2, error: null });
    expect(byo.providers.calls).toHaveLength(2);
  });
});
