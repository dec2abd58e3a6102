import { describe, expect, it } from 'vitest';

import type { AskedPrompt } from '../wire.js';
import { minimalInstance } from '../minimal-instance.js';
import { STAND_IN_SENTENCE, standIn } from './stand-in.js';

const asked = (text: string, more: Partial<AskedPrompt> = {}): AskedPrompt => ({
  model: 'any',
  system: '',
  turns: [{ role: 'user', text }],
  stops: [],
  stream: false,
  ...more,
});

const CONVERSATION = `<conversation recorded_at="2024-05-01T10:00:00.000Z">
{"n":3,"role":"user","name":"Dana","at":null,"text":"I bought a \\u003cred> car on 2024-04-30."}
</conversation>`;

const said = (message: object): string =>
  `<conversation>\n${JSON.stringify({ n: 1, role: 'user', name: 'Dana', ...message })}\n</conversation>`;

const question = (text: string, ...facts: readonly string[]): string =>
  `<memories>\n${facts.map((fact, index) => JSON.stringify({ mem: index + 1, fact })).join('\n')}\n</memories>
<question>${JSON.stringify({ text })}</question>`;

const verdictOn = (fact: string, candidate: string): unknown =>
  JSON.parse(
    standIn(
      asked(
        `<new_fact>\n${JSON.stringify({ fact })}\n</new_fact>\n<current_facts>\n${JSON.stringify({ candidate: 1, fact: candidate })}\n</current_facts>`,
        { json: {} },
      ),
    ),
  ).comparisons[0].verdict;

describe('the stand-in', () => {
  it('answers an extraction prompt with the sentences in which a user speaks of themselves', () => {
    expect(JSON.parse(standIn(asked(CONVERSATION, { json: {} })))).toMatchObject({
      facts: [
        { fact: 'Dana bought a <red> car on 2024-04-30.', valid_from: '2024-04-30', messages: [3] },
      ],
    });
  });

  it.each([
    ['I moved to Lisbon.', 'Dana moved to Lisbon.'],
    ['I work at Globex.', 'Dana works at Globex.'],
    ["I'm allergic to peanuts!", 'Dana is allergic to peanuts.'],
    ['My dog is called Rex.', "Dana's dog is called Rex."],
    ['Last week I joined a gym.', 'Dana said: Last week I joined a gym.'],
  ])('copies "%s" as "%s"', (text, fact) => {
    expect(JSON.parse(standIn(asked(said({ text }), { json: {} }))).facts[0]?.fact).toBe(fact);
  });

  it.each([
    { text: 'Hello! How are you?' },
    { text: 'Do you think I should move to Rome?' },
    { text: 'I work at Globex.', role: 'assistant' },
  ])('finds no fact in %j', (message) => {
    expect(JSON.parse(standIn(asked(said(message), { json: {} })))).toEqual({
      facts: [],
      note: 'No user speaks of themselves.',
    });
  });

  it('recognises the prompt when a repair turn follows', () => {
    const turns = [
      { role: 'user', text: CONVERSATION },
      { role: 'assistant', text: '{' },
      { role: 'user', text: 'That was no JSON.' },
    ];
    expect(standIn(asked('', { turns }))).toContain('Dana bought');
  });

  it.each([
    ['Where does Dana work?', 'Dana works at Globex [mem-2].'],
    ['Which allergy does Dana have?', 'Dana is allergic to peanuts [mem-3].'],
    ["What is Dana's shoe size?", 'The memories do not contain the answer.'],
  ])('answers "%s" with the best memory and its marker', (text, answer) => {
    const facts = [
      'Dana moved to Lisbon.',
      'Dana works at Globex.',
      'Dana is allergic to peanuts.',
    ];
    expect(standIn(asked(question(text, ...facts)))).toBe(answer);
  });

  it.each([
    ['Dana moved to Rome.', 'Dana lives in Lisbon.', 'supersedes'],
    ['Dana has three children.', 'Dana has two children.', 'supersedes'],
    ["Dana's favourite colour is green.", "Dana's favourite colour is blue.", 'supersedes'],
    ['Dana plans to move to Rome.', 'Dana lives in Lisbon.', 'independent'],
    ['Ben moved to Rome.', 'Dana lives in Lisbon.', 'independent'],
    ['Dana likes chess.', 'Dana likes tea.', 'independent'],
  ])('classifies "%s" beside "%s" as %s', (fact, candidate, verdict) => {
    expect(verdictOn(fact, candidate)).toBe(verdict);
  });

  it('says that it is no model when it has no rule for the prompt', () => {
    expect(standIn(asked('Write me a poem.'))).toBe(STAND_IN_SENTENCE);
    expect(STAND_IN_SENTENCE).toContain('not a language model');
  });

  it('gives the smallest JSON that an unknown schema accepts, whether it comes as a field or in the prompt', () => {
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
])('finds the smallest instance of %j', (schema, instance) => {
  expect(minimalInstance(schema)).toEqual(instance);
});
