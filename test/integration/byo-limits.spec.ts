import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  type Call,
  eventsReply,
  jsonReply,
  type Reply,
  textReply,
} from '../../scripts/simulator/index.js';
import { startByo } from '../support/byo.js';
import { openStream } from '../support/event-stream.js';
import type { Received } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon last spring.' }];
const FACTS = JSON.stringify({ facts: [], note: 'Small talk.' });
const ANSWER = 'At Globex [mem-1].';

let gatewayUrl = '';
let cases = 0;
const byo = await perFile(startByo());

beforeAll(async () => {
  await byo.gateway.app.listen(0, '127.0.0.1');
  gatewayUrl = await byo.gateway.app.getUrl();
  await byo.gateway.send('/agent/memories', { body: { content: 'Dana works at Globex.' } });
});
afterEach(() => byo.providers.reset());

/** The host's refusal of a request; undefined: it answers with a completion. */
type Refusal = (body: Readonly<Record<string, unknown>>) => Reply | undefined;

const completion = (content: string, finish = 'stop', outputTokens = 10): Reply =>
  jsonReply(200, {
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 100, completion_tokens: outputTokens },
  });
const streamed = (content: string): Reply =>
  eventsReply([
    { data: { choices: [{ index: 0, delta: { content } }] } },
    { data: { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] } },
    { data: '[DONE]' },
  ]);
const says = (status: number, message: string): Reply => jsonReply(status, { error: { message } });
const isOfShape = (call: Call): boolean => JSON.stringify(call.body).includes('I moved to Lisbon');

/** Every call of a test goes to a host and model of its own, so nothing is known of it. */
function host(refuses: Refusal): object {
  cases += 1;
  byo.providers.script({
    times: 99,
    reply: (call) => {
      const refused = refuses(call.fields);
      if (refused) return refused;
      if (isOfShape(call)) return completion(FACTS);
      return call.fields['stream'] === true ? streamed(ANSWER) : completion(ANSWER);
    },
  });
  return byo.llm('openai', `host-${cases}`);
}
const write = (llm: object): Promise<Received> =>
  byo.call('/agent/memories', { body: { messages: MESSAGES, tenant_id: `t-${cases}`, llm } });
const ask = (llm: object): Promise<Received> =>
  byo.call('/agent/query', { body: { question: 'Where does Dana work?', llm } });
async function askStreamed(llm: object): Promise<string> {
  const apiKey = await byo.gateway.makeKey({});
  await byo.gateway.send('/agent/memories', {
    key: apiKey,
    body: { content: 'Dana works at Globex.' },
  });
  const stream = await openStream(`${gatewayUrl}/agent/query`, {
    apiKey,
    body: { question: 'Where does Dana work?', llm },
  });
  const events = await stream.rest();
  return events.map(({ event, data }) => (event === 'delta' ? data.text : '')).join('');
}
async function callsOf(call: () => Promise<Received>): Promise<number> {
  const before = byo.providers.calls.length;
  const { status, json } = await call();
  expect({ status, code: json.code, detail: json.detail }).toEqual({ status: 200 });
  return byo.providers.calls.length - before;
}
const limitsSent = (): unknown[] =>
  byo.providers.calls.map(({ body }) => (body as Record<string, unknown>)['max_tokens']);

/** Refuses more than so many tokens. */
const atMost =
  (tokens: number, refusal: Reply): Refusal =>
  ({ max_tokens: asked }) =>
    Number(asked) > tokens ? refusal : undefined;

const hasRole = (body: Readonly<Record<string, unknown>>, role: string): boolean =>
  JSON.stringify(body['messages']).includes(`"role":"${role}"`);
const overFormat =
  (reply: Reply): Refusal =>
  (body) =>
    'response_format' in body ? reply : undefined;
const overWindow = (asked: unknown): Reply =>
  says(
    400,
    `This model's maximum context length is 4096 tokens. However, you requested ${Number(asked) + 1_500} tokens (1500 in the messages, ${String(asked)} in the completion). Please reduce the length of the messages or completion.`,
  );

describe('a host with a small output limit', () => {
  it.each<[string, Reply, number]>([
    [
      'OpenAI’s words',
      says(
        400,
        'max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.',
      ),
      4_096,
    ],
    ['a range', says(400, 'Range of max_tokens should be [1, 2048]'), 2_048],
    ['other languages', says(422, 'max_tokens 参数范围 [1,1024]'), 1_024],
    [
      'a list of fields',
      jsonReply(422, { errors: { max_tokens: ['must be less than or equal to 1024'] } }),
      1_024,
    ],
    ['a flat body with 500', jsonReply(500, { ret: 7, msg: 'max_new_tokens > 2048' }), 2_048],
    [
      'an error with status 200',
      jsonReply(200, {
        base_resp: {
          status_code: 2_013,
          status_msg: 'invalid params, max_tokens should be in range [1, 1024]',
        },
      }),
      1_024,
    ],
  ])(
    'stated in %s is used for the second call, and for the first call of the next write',
    async (_how, refusal, most) => {
      const llm = host(atMost(most, refusal));
      expect(await callsOf(() => write(llm))).toBe(2);
      expect(await callsOf(() => write(llm))).toBe(1);
      expect(limitsSent()).toEqual([8_192, most, most]);
    },
  );

  it('gets half the limit when its refusal names no number', async () => {
    const llm = host(atMost(4_096, says(400, 'max_tokens is too large')));
    expect(await callsOf(() => write(llm))).toBe(2);
    expect(await callsOf(() => write(llm))).toBe(1);
  });

  it('gets the part of the context window that the prompt leaves', async () => {
    const llm = host(({ max_tokens: asked }) =>
      Number(asked) > 2_596 ? overWindow(asked) : undefined,
    );
    expect(await callsOf(() => write(llm))).toBe(2);
    expect(await callsOf(() => write(llm))).toBe(1);
  });

  it('gives llm_context_length_exceeded after one call when the prompt alone exceeds the window', async () => {
    const llm = host(() =>
      says(
        400,
        "This model's maximum context length is 4096 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
      ),
    );
    const { status, json } = await write(llm);
    expect({ status, code: json.code }).toEqual({
      status: 422,
      code: 'llm_context_length_exceeded',
    });
    expect(byo.providers.calls).toHaveLength(1);
  });
});

describe('a model that spends 6,000 tokens on reasoning', () => {
  it('needs one extra call for the first question and none for the next', async () => {
    const llm = host(({ max_tokens: asked }) =>
      Number(asked) < 6_100 ? completion('', 'length', Number(asked)) : undefined,
    );
    expect(await callsOf(() => ask(llm))).toBe(2);
    expect(await callsOf(() => ask(llm))).toBe(1);
  });

  it('gets a higher limit within the maximum of its host', async () => {
    const llm = host(({ max_tokens: asked }) => {
      if (Number(asked) > 7_000) return says(400, 'max_tokens must be less than or equal to 7000');
      return Number(asked) < 6_100 ? completion('', 'length', Number(asked)) : undefined;
    });
    expect(await callsOf(() => ask(llm))).toBe(3);
    expect(await callsOf(() => ask(llm))).toBe(1);
  });
});

describe('a host that refuses the system role', () => {
  it.each<[number, string]>([
    [400, 'System role not supported'],
    [
      500,
      'jinja2.exceptions.TemplateError: Conversation roles must alternate user/assistant/user/assistant/...',
    ],
    [400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."],
    [400, 'Developer instruction is not enabled for models/gemma-3-27b-it'],
  ])('with %i "%s" gets the instructions in the first user turn', async (status, message) => {
    const llm = host((body) => (hasRole(body, 'system') ? says(status, message) : undefined));
    expect(await callsOf(() => write(llm))).toBe(2);
    expect(await callsOf(() => write(llm))).toBe(1);
    // Questions run in the query worker, which learns separately.
    expect(await callsOf(() => ask(llm))).toBe(2);
    expect(await callsOf(() => ask(llm))).toBe(1);
    expect(JSON.stringify(byo.providers.calls.at(-1)?.body)).toContain('[mem-');
  });

  it('that asks for the developer role gets it', async () => {
    const llm = host((body) =>
      hasRole(body, 'developer')
        ? undefined
        : says(400, "'system' is not supported. Use 'developer' instead."),
    );
    expect(await callsOf(() => ask(llm))).toBe(2);
  });
});

describe('a host that fails with 5xx', () => {
  it.each<[string, Reply]>([
    ['with a reason', says(500, 'Failed to initialize samplers: failed to parse grammar')],
    ['without a body', textReply(500, '', {})],
    ['with words that state no reason', says(500, 'Internal Server Error')],
    ['with 501', says(501, 'Not Implemented')],
  ])('%s because of a schema gets later requests without the schema', async (_how, reply) => {
    const llm = host(overFormat(reply));
    const first = await callsOf(() => write(llm));
    expect(first).toBeLessThanOrEqual(3);
    expect(await callsOf(() => write(llm))).toBe(1);
  });

  it.each([
    [500, 2],
    [503, 1],
  ])('that always answers %i gets %i calls for the first write', async (status, calls) => {
    const llm = host(() => textReply(status, '', {}));
    const { json } = await write(llm);
    expect(json).toMatchObject({ code: 'llm_unavailable', retryable: true });
    expect(byo.providers.calls).toHaveLength(calls);
    await write(llm);
    expect(byo.providers.calls).toHaveLength(calls + 1);
  });
});

describe('a streamed question', () => {
  const named = { loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' };

  it.each<[string, Reply]>([
    ['FastAPI', jsonReply(422, { detail: [{ type: 'extra_forbidden', ...named }] })],
    ['a param alone', jsonReply(400, { error: { message: '', param: 'stream_options' } })],
    ['errors[]', jsonReply(400, { errors: [{ message: 'Unknown field: stream_options' }] })],
    ['a list', jsonReply(400, [{ error: { message: 'Unknown name "stream_options"' } }])],
    ['500', says(500, 'unexpected keyword argument stream_options')],
    [
      'an error with status 200',
      jsonReply(200, { success: false, code: 400, msg: 'stream_options is not supported' }),
    ],
  ])('works when the host refuses stream_options with %s', async (_how, reply) => {
    const llm = host((body) => ('stream_options' in body ? reply : undefined));
    expect(await askStreamed(llm)).toContain('Globex');
    expect(byo.providers.calls).toHaveLength(2);
    expect(await askStreamed(llm)).toContain('Globex');
    expect(byo.providers.calls).toHaveLength(3);
  });

  it.each<[string, Reply]>([
    ['words', says(400, 'Streaming is not supported')],
    ['501', textReply(501, '', {})],
  ])('is answered in one piece when the host refuses to stream with %s', async (_how, reply) => {
    const llm = host((body) => (body['stream'] === true ? reply : undefined));
    expect(await askStreamed(llm)).toContain('Globex');
    expect(await askStreamed(llm)).toContain('Globex');
    expect(byo.providers.calls).toHaveLength(3);
  });
});

describe('a host that refuses several features', () => {
  it('stores the write with two extra calls', async () => {
    const llm = host((body) => {
      if ('response_format' in body) return says(400, 'response_format is not supported');
      if (Number(body['max_tokens']) > 2_048) return says(400, 'max_tokens: at most 2048');
      return /"system"|"tools"/.test(JSON.stringify(body)) ? says(400, 'no') : undefined;
    });
    expect(await callsOf(() => write(llm))).toBe(3);
  });
});
