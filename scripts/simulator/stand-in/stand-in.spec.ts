import { describe, expect, it } from 'vitest';

import type { Asked } from '../wire.js';
import { minimalInstance } from './minimal-instance.js';
import { STAND_IN_SENTENCE, standIn } from './stand-in.js';

const asked = (text: string, more: Partial<Asked> = {}): Asked => ({
  model: 'any',
  system: '',
  turns: [{ role: 'user', text }],
  stops: [],
  stream: false,
  ...more,
});

const CONVERSATION = `<conversation recorded_at="2024-05-01T10:00:00.000Z">
{"n":3,"role":"user","name":"Dana","at":null,"text":"Yesterday I bought a \\u003cred> car."}
</conversation>`;

describe('the stand-in', () => {
  it('knows an extraction by its tags, and reads a text as data', () => {
    expect(JSON.parse(standIn(asked(CONVERSATION, { json: {} })))).toMatchObject({
      facts: [
        {
          fact: 'On 30 April 2024 Dana bought a <red> car.',
          valid_from: '2024-04-30',
          messages: [3],
        },
      ],
    });
  });

  it('takes the time of the message before that of the conversation', () => {
    const own = CONVERSATION.replace('"at":null', '"at":"2020-03-02T00:00:00.000Z"');
    expect(standIn(asked(own))).toContain('On 1 March 2020');
  });

  it('still knows it when a repair turn follows', () => {
    const turns = [
      { role: 'user', text: CONVERSATION },
      { role: 'assistant', text: '{' },
      { role: 'user', text: 'That was no JSON.' },
    ];
    expect(standIn(asked('', { turns }))).toContain('Dana bought');
  });

  it('knows a question by its tags', () => {
    const prompt = `<memories>
{"mem":1,"fact":"Dana works at Globex.","topic":"Work","valid_from":"2024-05-01T00:00:00.000Z","valid_to":null,"said":"I work at Globex."}
</memories>
<question reference_date="2026-11-23T00:00:00.000Z">{"text":"Where does Dana work?"}</question>`;
    expect(standIn(asked(prompt))).toBe('Dana works at Globex [mem-1].');
  });

  it('says of itself that it is no model', () => {
    expect(standIn(asked('Write me a poem.'))).toBe(STAND_IN_SENTENCE);
    expect(STAND_IN_SENTENCE).toContain('not a language model');
  });

  it('gives the smallest JSON of a shape that it does not know, wherever the shape is said', () => {
    const schema = {
      type: 'object',
      required: ['verdict'],
      properties: { verdict: { enum: ['independent', 'refines'] } },
    };
    expect(standIn(asked('Compare.', { json: { schema } }))).toBe('{"verdict":"independent"}');
    expect(
      standIn(
        asked('Compare.', {
          json: {},
          system: `Answer as JSON by ${JSON.stringify(schema)}, please.`,
        }),
      ),
    ).toBe('{"verdict":"independent"}');
  });
});

it.each([
  [{ type: 'array', minItems: 2, items: { type: 'integer', minimum: 1 } }, [1, 1]],
  [{ type: ['string', 'null'] }, ''],
  [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
  [{ $ref: '#/$defs/day', $defs: { day: { type: 'string', format: 'date' } } }, '1970-01-01'],
  [
    { type: 'object', required: ['a'], properties: { a: { const: 3 }, b: { type: 'string' } } },
    { a: 3 },
  ],
  [{ type: 'number', exclusiveMinimum: 0.5 }, 1],
])('the smallest instance of %j', (schema, instance) => {
  expect(minimalInstance(schema)).toEqual(instance);
});
