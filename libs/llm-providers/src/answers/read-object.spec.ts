import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { scrubberFor } from '../boundary/scrub.js';
import { strictJsonSchema } from '../json-schema.js';
import { type ObjectSources, readObject } from './read-object.js';

const CITY = z.object({ city: z.string(), people: z.int().min(1) });
const FACTS = z.object({
  facts: z.array(z.object({ fact: z.string(), topic: z.string().catch('') })),
  note: z.string().nullable().catch(null),
});
const KEY = 'sk-test-0123456789abcdef';
const from = <Schema extends z.ZodType>(
  schema: Schema,
  { text = '', toolCalls = [], thoughts = '' }: Partial<ObjectSources>,
) =>
  readObject(
    { text, toolCalls, thoughts },
    { schema, shape: { name: 'shape', schema: strictJsonSchema(schema) } },
    scrubberFor(new CallerKey(KEY)),
  );
const read = (text: string) => from(CITY, { text });
const facts = (text: string) => from(FACTS, { text });
const PARIS = { city: 'Paris', people: 2 };
const JSON_TEXT = JSON.stringify(PARIS);
const ECHO = JSON.stringify(z.toJSONSchema(CITY));

describe('the value is read from a model’s text', async () => {
  it.each([
    ['alone', JSON_TEXT],
    ['in a fence', `\`\`\`json\n${JSON_TEXT}\n\`\`\``],
    ['in a fence without a language', `\`\`\`\n${JSON_TEXT}\n\`\`\``],
    ['behind a byte order mark', `\uFEFF${JSON_TEXT}`],
    ['behind a preface', `Here you are: ${JSON_TEXT} Anything else?`],
    ['behind a preface, nearly JSON', "Here you are [as asked]: {'city': 'Paris', 'people': 2,}."],
    ['behind a thought', `<think>maybe {"city":"Rome","people":1}?</think>\n${JSON_TEXT}`],
    ['behind an unopened thought', `maybe {"city":"Rome","people":1}?</think>${JSON_TEXT}`],
    ['in a thought that is nothing else and never ends', `<think>\n${JSON_TEXT}`],
    ['behind the schema', `${ECHO}\n${JSON_TEXT}`],
    ['behind another value', `[1, 2] {"note": true} ${JSON_TEXT}`],
    ['behind a stray brace', `{ oh ${JSON_TEXT}`],
    ['with trailing commas', '{"city":"Paris","people":2,}'],
    ['encoded twice', JSON.stringify(JSON_TEXT)],
    ['wrapped', `{"result": ${JSON_TEXT}}`],
    ['as a tool call', `<tool_call>{"name":"city","arguments":${JSON_TEXT}}</tool_call>`],
    [
      'as a call with a text',
      `[TOOL_CALLS][{"name":"city","arguments":${JSON.stringify(JSON_TEXT)}}]`,
    ],
    ['as a function', `<function=city>${JSON_TEXT}</function>`],
  ])('%s', async (_where, text) => {
    expect(await read(text)).toEqual({ value: PARIS });
  });

  it('and brackets and quotes inside its strings are not counted', async () => {
    expect(await read('So: {"city":"Par}is \\" {","people":2}')).toEqual({
      value: { city: 'Par}is " {', people: 2 },
    });
  });

  it.each(['</think>', '<think>so</think>', '</thinking> and more'])(
    'if one of its strings contains %s, which stays in the string',
    async (tag) => {
      const value = { city: `Paris ${tag}`, people: 2 };
      for (const text of [JSON.stringify(value), `Here: ${JSON.stringify(value)}`])
        expect(await read(text)).toEqual({ value });
    },
  );

  it('and is scrubbed of the key', async () => {
    const hidden = { value: { city: '[redacted]', people: 2 } };
    expect(await read(`{"city":"${KEY}","people":2}`)).toEqual(hidden);
    expect(await read('{"city":"\\u0073k-test-0123456789abcdef","people":2}')).toEqual(hidden);
    expect(await read(`{'city':'${KEY}','people':2,}`)).toEqual(hidden);
    expect(await read(`{"result":{"city":"${KEY}","people":2}}`)).toEqual(hidden);
  });
});

describe('a requested list', async () => {
  const both = {
    value: {
      facts: [
        { fact: 'Ana', topic: '' },
        { fact: 'Bo', topic: '' },
      ],
      note: null,
    },
  };
  const [ana, bo] = ['{"fact":"Ana"}', '{"fact":"Bo"}'];

  it.each([
    ['a list alone', `[${ana},${bo}]`],
    ['a list behind a preface', `The facts are: [${ana},${bo}] Good luck!`],
    ['one object a line', `${ana}\n${bo}`],
    ['one object a line, in a fence', `\`\`\`jsonl\n${ana}\n${bo}\n\`\`\``],
    ['numbered objects', `1. ${ana}\n2. ${bo}`],
    ['objects with words between them', `First ${ana} and then ${bo}.`],
    ['one answer a line', `{"facts":[${ana}]}\n{"facts":[${bo}]}`],
    [
      'one tool call a line',
      `{"name":"f","arguments":{"facts":[${ana}]}}\n{"name":"f","arguments":{"facts":[${bo}]}}`,
    ],
    ['texts', '{"facts":["Ana","Bo"]}'],
    ['a list of texts', '["Ana","Bo"]'],
    ['a list as text', `{"facts":${JSON.stringify(`[${ana},${bo}]`)}}`],
    ['a broken list', `{"facts":[${ana},${bo},],}`],
  ])('is read from %s', async (_title, text) => {
    expect(await facts(text)).toEqual(both);
  });

  it.each([
    ['two calls', [`{"facts":[${ana}]}`, `{"facts":[${bo}],"note":null}`]],
    ['a call for each fact', [ana, bo]],
    ['a call with a text', [JSON.stringify(`{"facts":[${ana},${bo}]}`)]],
    ['a call that is nearly JSON', [`{"facts":[${ana},${bo},]}`]],
  ])('is read from %s', async (_title, toolCalls) => {
    expect(await from(FACTS, { toolCalls, text: 'I call the tool.' })).toEqual(both);
  });

  it('is not read from any tool call if one of them cannot be read', async () => {
    expect(await from(FACTS, { toolCalls: [ana, '{"fact":"B'] })).toHaveProperty('fault');
  });

  it.each([
    ['a list that breaks off', `[${ana},{"fact":"B`],
    ['lines that break off', `${ana}\n{"fact":"B`],
    ['an answer that breaks off', `{"facts":[${ana},{"fact":"B`],
    ['an answer that breaks off between two facts', `{"facts":[${ana},`],
    ['words in brackets', 'I found nothing [small talk] here.'],
    ['words in brackets alone', '[nothing]'],
    ['an empty list among words', 'I would return [] here.'],
    ['a mark of a source', 'Ana lives in Lisbon [1].'],
  ])('is not read from %s', async (_title, text) => {
    expect(await facts(text)).toHaveProperty('fault');
  });

  it('is read from a thought that is only JSON', async () => {
    expect(await from(FACTS, { thoughts: `{"facts":[${ana},${bo}]}` })).toEqual(both);
    expect(await from(FACTS, { thoughts: `Perhaps {"facts":[${ana}]}?` })).toHaveProperty('fault');
  });
});

describe('no value is read from a model’s text', async () => {
  it.each(['', 'I do not know.', '{"city":"Par', '"Paris"', '7', '{'.repeat(5_000)])(
    'that has no JSON value of the schema: %j',
    async (text) => {
      expect(await read(text)).toMatchObject({
        sawJson: false,
        fault: expect.stringContaining('no complete JSON value'),
      });
    },
  );

  it('that repeats the schema', async () => {
    expect(await read(ECHO)).toMatchObject({
      sawJson: true,
      fault: expect.stringContaining('repeated the JSON Schema'),
    });
  });

  it.each([
    JSON.stringify(strictJsonSchema(FACTS)),
    JSON.stringify({ schema: strictJsonSchema(FACTS) }),
  ])('when it repeats the schema of a list: %j', async (text) => {
    expect(await facts(text)).toHaveProperty('fault');
    expect(await facts(`Here: ${text}`)).toHaveProperty('fault');
  });

  it('whose value does not fit, and the fault names the place', async () => {
    expect(await read('{"city":"Paris","people":0}')).toMatchObject({
      sawJson: true,
      fault: expect.stringMatching(/^people: /),
    });
  });
});

const names = async (text: string): Promise<unknown> => {
  const answer = await facts(text);
  return 'value' in answer ? answer.value.facts.map(({ fact }) => fact) : answer.fault;
};

describe('several answers in one text', () => {
  const [ana, bo] = ['{"facts":[{"fact":"Ana"}]}', '{"facts":[{"fact":"Bo"}]}'];

  it.each<[string, readonly string[]]>([
    [`First: ${ana} Then: ${bo}`, ['Ana', 'Bo']],
    [`Draft: {"facts":[]} Final: ${ana}`, ['Ana']],
    [`Draft [a]: {"facts":[]} Final: ${ana}`, ['Ana']],
    [`${ana} If there were none: {"facts":[]}`, ['Ana']],
    ['{"facts":[]} That is all.', []],
    [`{"type":"object","properties":${ana},"required":["facts"]}`, ['Ana']],
  ])('%s', async (text, found) => {
    await expect(names(text)).resolves.toEqual(found);
  });
});
