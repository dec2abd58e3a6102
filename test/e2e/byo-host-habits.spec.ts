import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type Call, jsonReply, type Reply } from '../../scripts/simulator/index.js';
import { type ByoBench, startByo } from '../support/byo.js';
import { openStream } from '../support/event-stream.js';
import { says, streams } from '../support/host-answers.js';

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon.' }];
const FACTS = JSON.stringify({ facts: [], note: 'Small talk.' });
const ANSWER = 'Dana works at Globex [mem-1].';
const THOUGHT = 'Globex or Initech [mem-2]?';

let byo: ByoBench;
let apiKey: string;
let url: string;
let cases = 0;
beforeAll(async () => {
  byo = await startByo();
  await byo.gateway.app.listen(0, '127.0.0.1');
  url = await byo.gateway.app.getUrl();
  apiKey = await byo.gateway.makeKey({});
  for (const content of ['Dana works at Globex.', 'Dana once asked Initech for work.'])
    await byo.gateway.send('/agent/memories', { body: { content }, key: apiKey });
});
afterEach(() => byo.providers.reset());
afterAll(() => byo.close());

/** A host and model of its own, of which nothing is known. */
function host(reply: (call: Call) => Reply): object {
  cases += 1;
  byo.providers.script({ times: 99, reply });
  return byo.llm('openai', `host-${cases}`);
}
const write = (llm: object) =>
  byo.call('/agent/memories', { body: { messages: MESSAGES, tenant_id: `t-${cases}`, llm } });
const ask = (llm: object) =>
  byo.call('/agent/query', { body: { question: 'Where does Dana work?', llm }, apiKey });

async function readAlong(llm: object): Promise<{ deltas: string; answer: string }> {
  const body = { question: 'Where does Dana work?', llm };
  const events = await (await openStream(`${url}/agent/query`, { apiKey, body })).rest();
  const texts = events.map(({ event, data }) => (event === 'delta' ? data.text : ''));
  const whole = events.find(({ event }) => event === 'answer');
  return { deltas: texts.join(''), answer: whole?.data.answer_with_citations };
}
const pieces = (...texts: readonly string[]): Reply =>
  streams(
    ...texts.map((content) => ({ delta: { content } })),
    { delta: {}, finish_reason: 'stop' },
    '[DONE]',
  );

describe('a host whose template writes the beginning of the thoughts', () => {
  it('shows none from the second question on', async () => {
    const llm = host(() => pieces(THOUGHT, '\n</th', 'ink>\n\n', ...ANSWER.split(/(?<= )/)));
    await expect(readAlong(llm)).resolves.toMatchObject({ answer: ANSWER });
    await expect(readAlong(llm)).resolves.toEqual({ answer: ANSWER, deltas: ANSWER });
    expect(byo.providers.calls).toHaveLength(2);
  });

  it('loses no answer without thoughts', async () => {
    let thinks = true;
    const llm = host(() => pieces(...(thinks ? [THOUGHT, '\n</think>\n'] : []), ANSWER));
    await ask(llm);
    thinks = false;
    await expect(readAlong(llm)).resolves.toEqual({ answer: ANSWER, deltas: ANSWER });
  });
});

describe('a host that streams and does nothing else', () => {
  it.each([
    'This model only support stream mode, please enable the stream parameter to access the model.',
    'parameter.enable_thinking must be set to false for non-streaming calls',
    'enable thinking can not be support when `stream=False`.',
    '该模型仅支持流式调用',
  ])('and says "%s" is asked for a stream, at once afterwards', async (message) => {
    const llm = host(({ fields }) =>
      fields['stream'] === true
        ? pieces(...(JSON.stringify(fields).includes('Lisbon') ? [FACTS] : [ANSWER]))
        : jsonReply(400, { error: { message, code: 'invalid_parameter_error' } }),
    );
    for (const calls of [2, 3]) {
      expect(await write(llm)).toMatchObject({ status: 200 });
      expect(byo.providers.calls).toHaveLength(calls);
    }
    expect(await ask(llm)).toMatchObject({ status: 200, json: { answer_with_citations: ANSWER } });
  });
});

describe('an answer that is cut off behind a whole value', () => {
  it('is read at once where only blank lines were cut', async () => {
    expect(await write(host(() => says(`${FACTS}\n\n \n`, 'length')))).toMatchObject({
      status: 200,
    });
    expect(byo.providers.calls).toHaveLength(1);
  });

  it('is read after a second one that is no longer', async () => {
    expect(await write(host(() => says(FACTS, 'length')))).toMatchObject({ status: 200 });
    expect(byo.providers.calls).toHaveLength(2);
  });
});

describe('an answer with marks of its template', () => {
  it.each([
    `${ANSWER}<|im_end|>`,
    `${ANSWER}</s>\n`,
    `<|START_RESPONSE|>${ANSWER}<|END_RESPONSE|>`,
    `<think>${THOUGHT}</think><answer>${ANSWER}</answer><|eot_id|>`,
    `analysis${'We think. '.repeat(9)}${THOUGHT}assistantfinal${ANSWER}`,
    `<|channel>thought\n${THOUGHT}<channel|>${ANSWER}`,
    `<details type="reasoning" done="true">\n${THOUGHT}\n</details>\n${ANSWER}`,
  ])('is given without them: %s', async (text) => {
    const llm = host(({ fields }) => (fields['stream'] === true ? pieces(text) : says(text)));
    expect(await ask(llm)).toMatchObject({ json: { answer_with_citations: ANSWER } });
    expect((await readAlong(llm)).answer).toBe(ANSWER);
  });
});
