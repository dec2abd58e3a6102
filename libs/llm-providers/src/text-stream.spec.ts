import { CallerKey, type LlmTarget } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import type { Prompt } from './llm-client.js';
import { QuirkStore } from './ladder/quirk-store.js';
import { ProviderLlmClient } from './provider-llm-client.js';
import { eventStream, type Recording, wirePerFile } from './testing/wire-server.js';

const KEY = 'sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5';
const ANSWER = ['Ana lives in ', 'Lisbon ', '[mem-1].'];

const says = (pieces: readonly string[], finish = 'stop', end = '[DONE]'): Recording =>
  eventStream([
    ...pieces.map((content) => ({ data: { choices: [{ delta: { content } }] } })),
    { data: { choices: [{ delta: {}, finish_reason: finish }] } },
    { data: { choices: [], usage: { prompt_tokens: 10, completion_tokens: 3 } } },
    { data: end },
  ]);
/** A stream that is cut off after its last word, so it reports no usage. */
const cutOff = eventStream(
  ANSWER.map((content) => ({ data: { choices: [{ delta: { content } }] } })),
);
const NO_STREAM_OPTIONS: Recording = {
  status: 400,
  body: { error: { message: 'Unrecognized request argument supplied: stream_options' } },
};

const { server, egress } = await wirePerFile();

const target = (): LlmTarget => ({
  provider: 'openai',
  model: 'm',
  baseUrl: server.url,
  key: new CallerKey(KEY),
});

interface Streamed {
  readonly pieces: string[];
  readonly end: unknown;
}

async function stream(
  { client = new ProviderLlmClient({ egress, timeoutMs: 5_000 }), pieces = [] as string[] } = {},
  signal = new AbortController().signal,
): Promise<Streamed> {
  const prompt: Prompt = {
    system: 'Answer.',
    turns: [{ role: 'user', content: 'Where does Ana live?' }],
    maxOutputTokens: 100,
    signal,
  };
  const written = client.streamText(prompt, target());
  for (;;) {
    const next = await written.next();
    if (next.done) return { pieces, end: next.value };
    pieces.push(next.value);
  }
}
const bodies = (): Record<string, unknown>[] =>
  server.sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

describe('a streamed text', () => {
  it('is yielded as it is written, and returned whole with its usage', async () => {
    server.answer(says(ANSWER));
    const { pieces, end } = await stream();
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(ANSWER.join(''));
    expect(end).toEqual({
      text: ANSWER.join(''),
      llmCalls: 1,
      usage: { inputTokens: 10, outputTokens: 3 },
    });
    expect(bodies()[0]).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('does not contain the thoughts before the answer', async () => {
    server.answer(says(['<th', 'ink>Rome [mem-2]?', '</thi', 'nk>\n\n', ...ANSWER]));
    const { pieces, end } = await stream();
    expect(pieces.join('')).toBe(ANSWER.join(''));
    expect(end).toMatchObject({ text: ANSWER.join('') });
  });

  it('is returned without thoughts whose opening tag the host omitted', async () => {
    server.answer(says(['Rome [mem-2]?\n</think>\n\n', ...ANSWER]));
    await expect(stream()).resolves.toMatchObject({ end: { text: ANSWER.join('') } });
  });

  it('is complete at [DONE], even without a stop reason', async () => {
    server.answer(says(ANSWER, ''));
    await expect(stream()).resolves.toMatchObject({ end: { text: ANSWER.join('') } });
  });

  it('does not contain the key, even if the model writes it in pieces', async () => {
    server.answer(says(['Your key is ', KEY.slice(0, 7), KEY.slice(7, 20), KEY.slice(20), '.']));
    const { pieces, end } = await stream();
    expect(pieces.join('')).toBe('Your key is [redacted].');
    expect(end).toMatchObject({ text: 'Your key is [redacted].' });
  });

  it('is requested without usage after the host has refused to report it', async () => {
    const client = new ProviderLlmClient({
      egress,
      timeoutMs: 5_000,
      quirkStore: new QuirkStore(),
    });
    server.answer(NO_STREAM_OPTIONS, says(ANSWER));
    await expect(stream({ client })).resolves.toMatchObject({ end: { llmCalls: 2 } });
    await expect(stream({ client })).resolves.toMatchObject({ end: { llmCalls: 1 } });
    expect(bodies().map((body) => 'stream_options' in body)).toEqual([true, false, false]);
  });

  it('is requested again with a higher limit if the limit was used up before any text', async () => {
    server.answer(says([], 'length'), says(ANSWER));
    await expect(stream()).resolves.toMatchObject({
      end: { text: ANSWER.join(''), llmCalls: 2, usage: { inputTokens: 20, outputTokens: 6 } },
    });
    expect(bodies().map((body) => body['max_tokens'])).toEqual([100, 8_292]);
  });
});

describe('a stream fails', () => {
  it.each([
    ['was cut off', says(ANSWER, 'length'), 'llm_invalid_output', 1],
    ['is empty', says(['  ']), 'llm_invalid_output', 1],
    ['was filtered', says(ANSWER, 'content_filter'), 'llm_content_filtered', 1],
    ['has no end', cutOff, 'llm_unavailable', 1],
    ['was broken off by the host', says(ANSWER, 'abort'), 'llm_unavailable', 1],
    ['holds thoughts alone', says(['<think>Lisbon?', '</think>']), 'llm_invalid_output', 1],
    ['has no room for a word, twice', says([], 'length'), 'llm_invalid_output', 2],
  ])('when the answer %s', async (_what, recording, code, calls) => {
    server.answer(recording);
    await expect(stream()).rejects.toMatchObject({ name: 'LlmError', code });
    expect(server.sent).toHaveLength(calls);
  });

  it('when its timeout ends, which covers the whole stream', async () => {
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: {"choices":[{"delta":{"content":"${'Ana '.repeat(9)}"}}]}\n\n`);
    });
    const pieces: string[] = [];
    const client = new ProviderLlmClient({ egress, timeoutMs: 150 });
    await expect(stream({ client, pieces })).rejects.toMatchObject({
      code: 'llm_unavailable',
      message: 'The provider did not answer in time.',
    });
    expect(pieces.join('')).toContain('Ana');
  });

  it('with the abort reason if it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('the caller has disconnected');
    server.answer(() => abort.abort(reason));
    await expect(stream({}, abort.signal)).rejects.toBe(reason);
  });
});
