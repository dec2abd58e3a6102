import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { eventsReply, type Reply } from '../../scripts/simulator/index.js';
import type { ByoBench, Shape } from '../support/byo.js';
import { openStream, type ReceivedEvent } from '../support/event-stream.js';
import { body, chat, message, says, streams, USAGE } from '../support/host-answers.js';
import { ANSWER, QUESTION, startQuestionBench, THOUGHT } from '../support/host-questions.js';

let byo: ByoBench;
let apiKey: string;
let url: string;
let count = 0;

beforeAll(async () => {
  ({ byo, apiKey, url } = await startQuestionBench());
});
afterEach(() => byo.providers.reset());
afterAll(() => byo.close());

/** The outcome of a question: the status of the answer or of its error event, the text, and the number of cited memories. */
interface QueryOutcome {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
  readonly deltas: string;
  readonly cited: number;
  readonly calls: number;
}

const asked = (shape: Shape): object => {
  count += 1;
  return { question: QUESTION, llm: byo.llm(shape, `model-${count}`) };
};

async function ask(shape: Shape): Promise<QueryOutcome> {
  const { status, json } = await byo.call('/agent/query', { body: asked(shape), apiKey });
  return outcomeOf(status, json, json.answer ?? '');
}

async function askStreamed(shape: Shape): Promise<QueryOutcome> {
  const stream = await openStream(`${url}/agent/query`, { apiKey, body: asked(shape) });
  const events = await stream.rest();
  const of = (name: string): readonly ReceivedEvent[] =>
    events.filter(({ event }) => event === name);
  const [error] = of('error');
  const [whole] = of('answer');
  const deltas = of('delta')
    .map(({ data }) => data.text)
    .join('');
  return outcomeOf(error?.data.status ?? stream.status, error?.data ?? whole?.data ?? {}, deltas);
}

// oxlint-disable-next-line typescript/no-explicit-any
function outcomeOf(status: number, json: any, deltas: string): QueryOutcome {
  const citations: readonly { cited_by_llm: boolean }[] = json.citations ?? [];
  return {
    status,
    code: json.code,
    text: json.answer_with_citations ?? '',
    deltas,
    cited: citations.filter(({ cited_by_llm: cited }) => cited).length,
    calls: byo.providers.calls.length,
  };
}

const whole = { status: 200, code: undefined, text: ANSWER, cited: 1, calls: 1 };
const words = ANSWER.split(/(?<= )/);
const deltas = (...texts: readonly string[]): object[] =>
  texts.map((content) => ({ delta: { content } }));
const stop = (reason: unknown = 'stop'): object => ({ delta: {}, finish_reason: reason });

const CHUNKS = words
  .map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`)
  .join('');
const EVENTS = `${CHUNKS}data: ${JSON.stringify({ choices: [stop()] })}\n\ndata: [DONE]\n\n`;
const raw = (events: string): Reply => body(events, 'text/event-stream');

/** Each is a complete answer, so one call is enough, in one piece and as a stream. */
const USABLE: Readonly<Record<string, Reply>> = {
  'a stop reason in capitals': streams(...deltas(...words), stop('STOP'), '[DONE]'),
  'an unknown stop reason': streams(...deltas(...words), stop('eos_found'), '[DONE]'),
  'no stop reason and [DONE]': streams(...deltas(...words), '[DONE]'),
  'a stop reason and no [DONE]': streams(...deltas(...words), stop()),
  'empty stop reasons before the last one': streams(
    ...words.map((content) => ({ delta: { content }, finish_reason: '' })),
    stop(),
  ),
  'a thought in the text': streams(
    ...deltas('<think>', THOUGHT, '</think>', '\n\n', ...words),
    stop(),
    '[DONE]',
  ),
  'a thought in pieces of tags': streams(
    ...deltas('<th', `ink>${THOUGHT}</th`, 'ink>', ...words),
    stop(),
  ),
  'a thought in brackets': streams(...deltas(`[THINK]${THOUGHT}[/THINK]`, ...words), stop()),
  'a thought beside the text': streams(
    { delta: { reasoning_content: THOUGHT, content: null } },
    ...deltas(...words),
    stop(),
  ),
  'lists of parts': streams(
    { delta: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: THOUGHT }] }] } },
    ...words.map((text) => ({ delta: { content: [{ type: 'text', text }] } })),
    stop(),
  ),
  'keep-alive comments and data lines': streams(
    ': keep-alive',
    ...deltas(...words).flatMap((delta) => ['ping', delta]),
    stop(),
    '[DONE]',
  ),
  'other data after [DONE]': streams(...deltas(...words), stop(), '[DONE]', '{"broken', '<html>'),
  'NaN in an event': body(
    `data: {"logprob":NaN,"choices":[{"delta":{"content":${JSON.stringify(ANSWER)}},"finish_reason":"stop"}]}\n\n`,
    'text/event-stream',
  ),
  'events without a type': body(
    `data: {"choices":[{"delta":{"content":${JSON.stringify(ANSWER)}},"finish_reason":"stop"}]}\n\n`,
    'application/octet-stream',
  ),
  'JSON with the media type of a stream': body(
    JSON.stringify({ choices: [{ message: { content: ANSWER }, finish_reason: 'stop' }] }),
    'text/event-stream',
  ),
  'events without empty lines': raw(EVENTS.replaceAll('\n\n', '\n')),
  'events inside events': raw(EVENTS.replaceAll('data: ', 'data: data: ')),
  'an event named `done` as its end': raw(`${CHUNKS}event: done\n\n`),
  '[DONE] in quotes': raw(`${CHUNKS}data: "[DONE]"\n\n`),
  'usage as its end': raw(`${CHUNKS}data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\n`),
  'messages that grow': streams(
    ...words.map((_word, at) => ({ message: { content: words.slice(0, at + 1).join('') } })),
    { message: { content: ANSWER }, finish_reason: 'stop' },
  ),
  'messages that are parts': streams(...words.map((content) => ({ message: { content } })), stop()),
  'one message without a reason': streams({ message: { content: ANSWER } }),
  'envelopes around its events': raw(
    EVENTS.replaceAll('{"choices"', '{"output":{"choices"').replaceAll(']}\n', ']}}\n'),
  ),
  'a JSON list of its events': body(
    JSON.stringify(
      words.map((content, at) => ({
        choices: [{ delta: { content }, finish_reason: at === words.length - 1 ? 'stop' : null }],
      })),
    ),
  ),
  'an envelope around it': body(
    JSON.stringify({ code: 0, data: { choices: [{ message: { content: ANSWER } }] }, msg: 'ok' }),
  ),
  'a choice without a list': body(
    JSON.stringify({ choices: { message: { content: ANSWER }, finish_reason: 'stop' } }),
  ),
  'a list of parts in one piece': says([
    { type: 'thinking', thinking: THOUGHT },
    { type: 'text', text: ANSWER },
  ]),
  'a thought in one piece': says(`<think>${THOUGHT}</think>\n${ANSWER}`),
  'a choice with text alone': chat({ finish_reason: 'stop', text: ANSWER }),
};

const USABLE_MESSAGES: Readonly<Record<string, Reply>> = {
  'message_stop and no stop_reason': streamedMessage(['message_start', 'message_stop']),
  'a text that begins with its block': eventsReply([
    {
      event: 'content_block_start',
      data: {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'text', text: ANSWER },
      },
    },
    { event: 'message_delta', data: { type: 'message_delta', delta: { stop_reason: 'END_TURN' } } },
  ]),
  'thoughts beside the text': streamedMessage(['message_start', 'thinking', 'message_stop']),
  'the event type only in the event name': eventsReply([
    ...words.map((text) => ({ event: 'content_block_delta', data: { delta: { text } } })),
    { event: 'message_stop', data: {} },
  ]),
  'content as a text': message(ANSWER),
  'no stop reason': message([{ type: 'text', text: ANSWER }], null),
};

function blockDelta(index: number, delta: object): object {
  return { event: 'content_block_delta', data: { type: 'content_block_delta', index, delta } };
}

function streamedMessage(parts: readonly string[]): Reply {
  const text = words.map((word) => blockDelta(0, { type: 'text_delta', text: word }));
  return eventsReply(
    parts.flatMap((part) => {
      if (part === 'thinking')
        return [blockDelta(0, { type: 'thinking_delta', thinking: THOUGHT })];
      const event = { event: part, data: { type: part, message: {} } };
      return part === 'message_stop' ? [...text, event] : [event];
    }) as Parameters<typeof eventsReply>[0],
  );
}

describe.each([
  ['in one piece', ask],
  ['as a stream', askStreamed],
] as const)('a streamed question that is answered %s', (way, question) => {
  it.each(Object.entries(USABLE))('reads %s', async (_title, reply) => {
    byo.providers.script({ times: 3, reply: () => reply });
    await expect(question('openai')).resolves.toMatchObject(whole);
  });

  it.each(Object.entries(USABLE_MESSAGES))('reads a message with %s', async (_title, reply) => {
    byo.providers.script({ times: 3, reply: () => reply });
    await expect(question('anthropic')).resolves.toMatchObject(whole);
  });

  it('keeps brackets that are not citation markers', async () => {
    const text = 'The numbers are [3, 7], the grid starts at [1], says Dana [mem-1].';
    byo.providers.script({ reply: () => says(text) });
    await expect(question('openai')).resolves.toMatchObject({ text, cited: 1 });
  });

  it.each<[string, Reply, number, string]>([
    ['stopped by `error`', streams(...deltas(...words), stop('error')), 503, 'llm_unavailable'],
    ['stopped by `ABORT`', streams(...deltas(...words), stop('ABORT')), 503, 'llm_unavailable'],
    [
      'stopped by `insufficient_system_resource`',
      streams(...deltas('Dana'), stop('insufficient_system_resource')),
      503,
      'llm_unavailable',
    ],
    [
      'stopped by `sensitive`',
      streams(...deltas(...words), stop('sensitive')),
      422,
      'llm_content_filtered',
    ],
    [
      'with an error in its choice',
      streams(...deltas('Dana'), { delta: {}, error: { message: 'Upstream broke' } }),
      503,
      'llm_unavailable',
    ],
    [
      'whose refusal comes in parts',
      streams({ delta: { refusal: 'I can' } }, { delta: { refusal: 'not.' } }, stop()),
      422,
      'llm_content_filtered',
    ],
    ['without an end', streams(...deltas('Dana')), 503, 'llm_unavailable'],
    [
      'of thoughts alone',
      streams(...deltas('<think>', THOUGHT), stop(), '[DONE]'),
      502,
      'llm_invalid_output',
    ],
    [
      'of reasoning_content alone',
      streams({ delta: { reasoning_content: THOUGHT } }, stop()),
      502,
      'llm_invalid_output',
    ],
    [
      'of another API',
      body('{"message":{"content":"Globex"},"done":true}'),
      422,
      'llm_endpoint_invalid',
    ],
    [
      'that is an HTML page',
      body('<!doctype html><p>Hello</p>', 'text/html'),
      422,
      'llm_endpoint_invalid',
    ],
    ['that is a word', body('OK', 'text/plain'), 503, 'llm_unavailable'],
  ])('reports an answer %s after one call', async (_title, reply, status, code) => {
    byo.providers.script({ times: 3, reply: () => reply });
    await expect(question('openai')).resolves.toMatchObject({ status, code, calls: 1 });
  });

  it('never contains reasoning', async () => {
    byo.providers.script({
      reply: () => streams(...deltas('<think>', THOUGHT, '</think>', ...words), stop()),
    });
    const { deltas: given } = await question('openai');
    expect(given).toBe(way === 'as a stream' ? ANSWER : 'Dana works at Globex.');
  });
});
