import { afterEach, describe, expect, it } from 'vitest';

import type { Reply } from '../../scripts/simulator/index.js';
import { type Shape, startByo } from '../support/byo.js';
import type { Received } from '../support/gateway.js';
import { body, calls, chat, message, says, USAGE } from '../support/host-answers.js';
import { perFile } from '../support/per-file.js';

const MESSAGES = [
  { role: 'user', name: 'Dana', content: 'I moved to Lisbon last spring, and I keep two cats.' },
];
const LISBON = 'Dana moved to Lisbon.';
const CATS = 'Dana keeps two cats.';
const fact = (text: string): object => ({
  fact: text,
  topic: 'Home',
  category: 'other',
  importance: 5,
  valid_from: null,
  messages: [0],
});
const FACTS = { facts: [fact(LISBON), fact(CATS)], note: null };
const TEXT = JSON.stringify(FACTS);
const [ONE, OTHER] = [
  JSON.stringify({ facts: [fact(LISBON)] }),
  JSON.stringify({ facts: [fact(CATS)] }),
];

let count = 0;

const byo = await perFile(startByo());
afterEach(() => byo.providers.reset());

/** Every write asks a model of its own, so that nothing is known of its host. */
const write = (shape: Shape = 'openai'): Promise<Received> => {
  count += 1;
  const llm = byo.llm(shape, `model-${count}`);
  return byo.call('/agent/memories', {
    body: { messages: MESSAGES, tenant_id: `t-${count}`, llm },
  });
};
const stored = async (): Promise<readonly string[]> => {
  const rows = await byo.sql('select text from memories where tenant_id = $1 order by text', [
    `t-${count}`,
  ]);
  return rows.map(({ text }) => String(text));
};

/** Each answer holds both facts, so one call is enough. */
const USABLE: Readonly<Record<string, Reply>> = {
  'a stop reason in capitals': says(TEXT, 'STOP'),
  'an unknown stop reason': says(TEXT, 'eos_found'),
  'no stop reason': says(TEXT, null),
  'a thought before the JSON': says(`<think>Perhaps {"facts": []}?</think>${TEXT}`),
  'a thought in brackets': says(`[THINK]{"facts": []}[/THINK]\n${TEXT}`),
  'a thought whose beginning is missing': says(`Perhaps {"facts": []}?\n</think>\n${TEXT}`),
  'arguments as an object': calls(FACTS),
  'arguments as a text': calls(TEXT),
  'two calls with one fact each': calls(ONE, OTHER),
  'two calls with a bare fact each': calls(fact(LISBON), fact(CATS)),
  'a call without its function': says(null, 'tool_calls', {
    tool_calls: [{ name: 'f', arguments: FACTS }],
  }),
  'a call of the older kind': says(null, 'function_call', {
    function_call: { name: 'f', arguments: TEXT },
  }),
  'a call without arguments beside the JSON': says(TEXT, 'stop', {
    tool_calls: [{ function: { name: 'f', arguments: '' } }],
  }),
  'a list of parts': says([
    { type: 'thinking', thinking: [{ type: 'text', text: 'Hm {}' }] },
    { type: 'text', text: TEXT },
  ]),
  'text in two parts': says([
    { type: 'text', text: TEXT.slice(0, 40) },
    { type: 'text', text: TEXT.slice(40) },
  ]),
  'content that is the value': says(FACTS),
  'a choice with text alone': chat({ finish_reason: 'stop', text: TEXT }),
  'the JSON as a thought': says(null, 'stop', { reasoning_content: TEXT }),
  'the JSON as reasoning': says('', 'stop', { reasoning: TEXT }),
  'trailing commas': says(TEXT.replaceAll('}]', '},]').replace(/\}$/, ',}')),
  comments: says(TEXT.replace('[{', '[ // what was found\n{')),
  'raw line breaks': says(TEXT.replace('Dana keeps', 'Dana\nkeeps')),
  'single quotes': says(TEXT.replaceAll('"', "'")),
  'smart quotes': says(TEXT.replaceAll('"', '“')),
  NaN: says(TEXT.replaceAll('"importance":5', '"importance":NaN')),
  'a list alone': says(JSON.stringify(FACTS.facts)),
  'facts as texts': says(JSON.stringify({ facts: [LISBON, CATS] })),
  'one object a line': says(`${JSON.stringify(fact(LISBON))}\n${JSON.stringify(fact(CATS))}`),
  'a list as text': says(JSON.stringify({ facts: JSON.stringify(FACTS.facts) })),
  'JSON that is encoded twice': says(JSON.stringify(TEXT)),
  'JSON in a wrapping': says(JSON.stringify({ result: FACTS })),
  'two blocks of code with one fact each': says(
    `First:\n\`\`\`json\n${ONE}\n\`\`\`\nThen:\n\`\`\`json\n${OTHER}\n\`\`\``,
  ),
  'an empty draft before it': says(`Draft: {"facts": []}\n\nFinal: ${TEXT}`),
  'Chinese punctuation': says(TEXT.replaceAll('":', '"：').replaceAll(',"', '，"')),
  'a list for each topic': says(JSON.stringify({ facts: { Home: [LISBON], Pets: [CATS] } })),
  'a raw control character': says(TEXT.replace('Dana keeps', 'Dana\u0007 keeps')),
  'empty entries': says(JSON.stringify({ facts: [fact(LISBON), null, {}, fact(CATS)] })),
  'the value inside the schema': says(
    JSON.stringify({ type: 'object', properties: FACTS, required: ['facts'] }),
  ),
  'the parsed value in `parsed`': says(null, 'stop', { parsed: FACTS }),
  'a call without a list': says(null, 'tool_calls', {
    tool_calls: { function: { name: 'f', arguments: TEXT } },
  }),
  'a custom call': says(null, 'tool_calls', {
    tool_calls: [{ type: 'custom', custom: { name: 'f', input: TEXT } }],
  }),
  'a call with a closing tag after it': calls(`${TEXT}\n</tool_call>`),
  'the JSON in reasoning_details': says(null, 'stop', {
    reasoning_details: [{ type: 'reasoning.text', text: TEXT }],
  }),
  'a tool call as text': says(
    `<tool_call>${JSON.stringify({ name: 'extracted_facts', arguments: FACTS })}</tool_call>`,
  ),
  'a body with NaN': body(
    `{"choices":[{"index":0,"finish_reason":"stop","logprobs":NaN,"message":{"content":${JSON.stringify(TEXT)}}}]}`,
  ),
  'events though none were asked for': body(
    [TEXT.slice(0, 30), TEXT.slice(30)]
      .map(
        (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
      )
      .join('') +
      `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }], usage: USAGE })}\n\ndata: [DONE]\n\n`,
    'text/event-stream',
  ),
  'a call in events though none were asked for': body(
    [TEXT.slice(0, 30), TEXT.slice(30)]
      .map(
        (input, at) =>
          `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, ...(at === 0 && { id: 'c' }), function: { arguments: input } }] } }] })}\n\n`,
      )
      .join('') + 'data: [DONE]\n\n',
    'text/event-stream',
  ),
};

const USABLE_MESSAGES: Readonly<Record<string, Reply>> = {
  'input as JSON text': message(
    [{ type: 'tool_use', id: 'a', name: 'f', input: TEXT }],
    'tool_use',
  ),
  'two calls with one fact each': message(
    [ONE, OTHER].map((text, id) => ({
      type: 'tool_use',
      id: String(id),
      name: 'f',
      input: JSON.parse(text) as object,
    })),
    'tool_use',
  ),
  'a thought before the text': message([
    { type: 'thinking', thinking: 'Hm {}' },
    { type: 'text', text: TEXT },
  ]),
  'content as a text': message(TEXT),
  'its only block without a list': message({ type: 'text', text: TEXT }),
  'a stop reason in capitals': message([{ type: 'text', text: TEXT }], 'END_TURN'),
};

describe('a write reads both facts in one call from', () => {
  it.each(Object.entries(USABLE))('%s', async (_title, reply) => {
    byo.providers.script({ times: 3, reply: () => reply });
    const { status, json } = await write();
    expect({ status, code: json.code, calls: byo.providers.calls.length }).toEqual({
      status: 200,
      code: undefined,
      calls: 1,
    });
    expect((await stored()).map((text) => text.replace('\n', ' '))).toEqual([CATS, LISBON]);
    expect(json.extraction.llm_calls).toBe(1);
  });

  it.each(Object.entries(USABLE_MESSAGES))(
    'an Anthropic message with %s',
    async (_title, reply) => {
      byo.providers.script({ times: 3, reply: () => reply });
      const { status } = await write('anthropic');
      expect({ status, calls: byo.providers.calls.length }).toEqual({ status: 200, calls: 1 });
      expect(await stored()).toEqual([CATS, LISBON]);
    },
  );
});

describe('an incomplete answer is never stored', () => {
  const good = says(TEXT);

  it.each<[string, Reply, number, string]>([
    ['the stop reason `error`', says(ONE, 'error'), 503, 'llm_unavailable'],
    ['the stop reason `abort`', says(ONE, 'abort'), 503, 'llm_unavailable'],
    [
      'the stop reason `insufficient_system_resource`',
      says(ONE, 'insufficient_system_resource'),
      503,
      'llm_unavailable',
    ],
    ['the stop reason `sensitive`', says(ONE, 'sensitive'), 422, 'llm_content_filtered'],
    [
      'the stop reason `CONTENT_FILTER`, in capitals',
      says(ONE, 'CONTENT_FILTER'),
      422,
      'llm_content_filtered',
    ],
    ...[
      { promptFeedback: { blockReason: 'SAFETY' } },
      { prompt_filter_results: [{ content_filter_results: { hate: { filtered: true } } }] },
    ].map((said): [string, Reply, number, string] => [
      `a prompt blocked in ${Object.keys(said)[0]}`,
      chat({}, { choices: [], ...said }),
      422,
      'llm_content_filtered',
    ]),
    [
      'an error in the choice',
      chat({
        finish_reason: 'error',
        message: { content: ONE },
        error: { code: 502, message: 'Upstream broke' },
      }),
      503,
      'llm_unavailable',
    ],
  ])('and is reported after one call: %s', async (_title, reply, status, code) => {
    byo.providers.script({ times: 3, reply: () => reply });
    const written = await write();
    expect({ status: written.status, code: written.json.code }).toEqual({ status, code });
    expect(byo.providers.calls).toHaveLength(1);
    expect(await stored()).toEqual([]);
  });

  it.each<[string, Reply]>([
    ['JSON that breaks off', says(`{"facts":[${JSON.stringify(fact(LISBON))},{"fact":"Dana ke`)],
    ['lines that break off', says(`${JSON.stringify(fact(LISBON))}\n{"fact":"Dana ke`)],
    ['one of two calls that breaks off', calls(ONE, '{"facts":[{"fact":"Dana ke')],
    ['a thought alone', says('<think>Nothing {"facts": []} to see.</think>')],
    ['a choice with finish_reason `length` and no message', chat({ finish_reason: 'length' })],
    ['a length in capitals', says(TEXT.slice(0, 40), 'MAX_TOKENS')],
    ['an answer without a choice', chat({}, { choices: [] })],
  ])('and is requested once more: %s', async (_title, reply) => {
    byo.providers.script({ reply: () => reply }, { times: 3, reply: () => good });
    const { status, json } = await write();
    expect({ status, code: json.code, calls: byo.providers.calls.length }).toEqual({
      status: 200,
      code: undefined,
      calls: 2,
    });
    expect(await stored()).toEqual([CATS, LISBON]);
  });
});
