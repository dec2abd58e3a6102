import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type Call, jsonReply, type Reply } from '../../scripts/simulator/index.js';
import type { ByoBench } from '../support/byo.js';
import { openStream } from '../support/event-stream.js';
import { says, streams } from '../support/host-answers.js';
import { ANSWER, QUESTION, startQuestionBench, THOUGHT } from '../support/host-questions.js';

const MESSAGES = [{ role: 'user', name: 'Dana', content: 'I moved to Lisbon.' }];
const FACTS = JSON.stringify({ facts: [], note: 'Small talk.' });

let byo: ByoBench;
let apiKey: string;
let url: string;
let cases = 0;
beforeAll(async () => {
  ({ byo, apiKey, url } = await startQuestionBench());
});
afterEach(() => byo.providers.reset());
afterAll(() => byo.close());

/** A new host and model without learned habits. */
function host(reply: (call: Call) => Reply): object {
  cases += 1;
  byo.providers.script({ times: 99, reply });
  return byo.llm('openai', `host-${cases}`);
}
const write = (llm: object) =>
  byo.call('/agent/memories', { body: { messages: MESSAGES, tenant_id: `t-${cases}`, llm } });
const ask = (llm: object) =>
  byo.call('/agent/query', { body: { question: QUESTION, llm }, apiKey });

async function askStreamed(llm: object): Promise<{ deltas: string; answer: string }> {
  const body = { question: QUESTION, llm };
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

describe('a host whose template writes the opening tag of the reasoning', () => {
  it('streams no reasoning from the second question on', async () => {
    const llm = host(() => pieces(THOUGHT, '\n</th', 'ink>\n\n', ...ANSWER.split(/(?<= )/)));
    await expect(askStreamed(llm)).resolves.toMatchObject({ answer: ANSWER });
    await expect(askStreamed(llm)).resolves.toEqual({ answer: ANSWER, deltas: ANSWER });
    expect(byo.providers.calls).toHaveLength(2);
  });

  it('keeps an answer that has no reasoning', async () => {
    let thinks = true;
    const llm = host(() => pieces(...(thinks ? [THOUGHT, '\n</think>\n'] : []), ANSWER));
    await ask(llm);
    thinks = false;
    await expect(askStreamed(llm)).resolves.toEqual({ answer: ANSWER, deltas: ANSWER });
  });
});

describe('a host that only streams', () => {
  it.each([
    'This model only support stream mode, please enable the stream parameter to access the model.',
    'parameter.enable_thinking must be set to false for non-streaming calls',
    'enable thinking can not be support when `stream=False`.',
    '该模型仅支持流式调用',
  ])('and answers "%s" gets a streamed call, for the next write at once', async (message) => {
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

describe('an answer that is cut off after a complete value', () => {
  it('is used after one call if only white space was cut off', async () => {
    expect(await write(host(() => says(`${FACTS}\n\n \n`, 'length')))).toMatchObject({
      status: 200,
    });
    expect(byo.providers.calls).toHaveLength(1);
  });

  it('is used after a second call that is cut off too', async () => {
    expect(await write(host(() => says(FACTS, 'length')))).toMatchObject({ status: 200 });
    expect(byo.providers.calls).toHaveLength(2);
  });
});

describe('an answer with tokens of its chat template', () => {
  it.each([
    `${ANSWER}<|im_end|>`,
    `${ANSWER}</s>\n`,
    `<|START_RESPONSE|>${ANSWER}<|END_RESPONSE|>`,
    `<think>${THOUGHT}</think><answer>${ANSWER}</answer><|eot_id|>`,
    `analysis${'We think. '.repeat(9)}${THOUGHT}assistantfinal${ANSWER}`,
    `<|channel>thought\n${THOUGHT}<channel|>${ANSWER}`,
    `<details type="reasoning" done="true">\n${THOUGHT}\n</details>\n${ANSWER}`,
  ])('is returned without them: %s', async (text) => {
    const llm = host(({ fields }) => (fields['stream'] === true ? pieces(text) : says(text)));
    expect(await ask(llm)).toMatchObject({ json: { answer_with_citations: ANSWER } });
    expect((await askStreamed(llm)).answer).toBe(ANSWER);
  });
});
