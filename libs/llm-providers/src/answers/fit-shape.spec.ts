import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { strictJsonSchema } from '../json-schema.js';
import { fitShape } from './fit-shape.js';

const FACTS = strictJsonSchema(
  z.object({
    facts: z.array(
      z.object({ fact: z.string(), topic: z.string(), messages: z.array(z.number()) }),
    ),
    note: z.string().nullable(),
  }),
);
const VERDICT = strictJsonSchema(
  z.object({ verdict: z.enum(['same', 'other']), confidence: z.number() }),
);
const CITY = strictJsonSchema(z.object({ city: z.string(), people: z.number() }));

const ANA = { fact: 'Ana', topic: 'T', messages: [1] };
const BO = { fact: 'Bo', topic: 'T', messages: [2] };
const BOTH = { facts: [ANA, BO] };

describe('a list of facts in another arrangement', () => {
  it.each<[string, unknown, unknown]>([
    ['a list alone', [ANA, BO], BOTH],
    ['an empty list alone', [], { facts: [] }],
    ['one fact alone', ANA, { facts: [ANA] }],
    ['facts as texts', { facts: ['Ana', 'Bo'] }, { facts: [{ fact: 'Ana' }, { fact: 'Bo' }] }],
    ['texts alone', ['Ana', 'Bo'], { facts: [{ fact: 'Ana' }, { fact: 'Bo' }] }],
    ['facts as JSON texts', { facts: [JSON.stringify(ANA)] }, { facts: [ANA] }],
    ['a list as JSON text', { facts: JSON.stringify([ANA, BO]) }, BOTH],
    ['a list as lines', { facts: '- Ana\n- Bo\n' }, { facts: [{ fact: 'Ana' }, { fact: 'Bo' }] }],
    [
      'a list as numbered lines',
      { facts: '1. Ana\n2) Bo' },
      { facts: [{ fact: 'Ana' }, { fact: 'Bo' }] },
    ],
    ['the whole answer as text in place of its list', { facts: JSON.stringify(BOTH) }, BOTH],
    ['the whole answer in place of its list', { facts: { ...BOTH, note: null } }, BOTH],
    [
      'a list that is null',
      { facts: null, note: 'Small talk.' },
      { facts: [], note: 'Small talk.' },
    ],
    ['one fact in place of a list', { facts: ANA }, { facts: [ANA] }],
    ['a map of facts', { facts: { 1: ANA, 2: BO } }, BOTH],
    [
      'a map of texts',
      { facts: { 1: 'Ana', 2: 'Bo' } },
      { facts: [{ fact: 'Ana' }, { fact: 'Bo' }] },
    ],
    ['a map alone', { 0: ANA, 1: BO }, BOTH],
    ['an answer encoded twice', JSON.stringify(BOTH), BOTH],
    ['an answer encoded three times', JSON.stringify(JSON.stringify(BOTH)), BOTH],
    ['result', { result: BOTH }, BOTH],
    ['result around a list', { result: [ANA, BO] }, BOTH],
    ['result as text', { output: JSON.stringify(BOTH) }, BOTH],
    ['two wrappings', { data: { response: BOTH } }, BOTH],
    ['a wrapping beside other fields', { status: 'ok', count: 2, data: BOTH }, BOTH],
    ['a tool call', { name: 'extracted_facts', arguments: BOTH }, BOTH],
    ['a tool call with text', { name: 'extracted_facts', arguments: JSON.stringify(BOTH) }, BOTH],
    [
      'a tool call with parameters',
      { type: 'function', function: { name: 'f', parameters: BOTH } },
      BOTH,
    ],
    [
      'a list of tool calls',
      [
        { name: 'f', arguments: { facts: [ANA] } },
        { name: 'f', arguments: { facts: [BO] } },
      ],
      BOTH,
    ],
    [
      'a list of answers',
      [
        { facts: [ANA], note: null },
        { facts: [BO], note: null },
      ],
      { ...BOTH, note: null },
    ],
    ['a list of one answer', [BOTH], BOTH],
    [
      'other letters',
      { Facts: [{ Fact: 'Ana', TOPIC: 'T' }] },
      { facts: [{ fact: 'Ana', topic: 'T' }] },
    ],
    ['another name for the list', { memories: [ANA, BO] }, BOTH],
    [
      'another name for the text',
      { facts: [{ statement: 'Ana', topic: 'T' }] },
      { facts: [{ fact: 'Ana', topic: 'T' }] },
    ],
    ['empty entries', { facts: [ANA, null, ''] }, { facts: [ANA] }],
  ])('%s', (_title, given, fitted) => {
    expect(fitShape(FACTS, given)).toEqual(fitted);
  });

  it.each<[string, unknown]>([
    ['nothing of it', {}],
    ['only a note', { note: 'Small talk.' }],
    ['a number', 7],
    ['a text', 'Ana'],
    ['a list of numbers', [1, 2]],
    ['a list with a number', [ANA, 2]],
    ['deep wrapping', { a: { a: { a: { a: { a: { a: { a: { a: BOTH } } } } } } } }],
  ])('does not fit: %s', (_title, given) => {
    expect(fitShape(FACTS, given)).toBeUndefined();
  });

  it('keeps a wrong part, so that the schema reports it', () => {
    expect(fitShape(FACTS, { facts: 'none', remarks: 3 })).toEqual({ facts: 'none' });
  });
});

describe('an object without a list', () => {
  it.each<[string, unknown, unknown]>([
    ['result', { result: { verdict: 'same', confidence: 1 } }, { verdict: 'same', confidence: 1 }],
    ['a list of one', [{ verdict: 'same', confidence: 1 }], { verdict: 'same', confidence: 1 }],
    ['other letters', { Verdict: 'same', confidence: 1 }, { verdict: 'same', confidence: 1 }],
  ])('%s', (_title, given, fitted) => {
    expect(fitShape(VERDICT, given)).toEqual(fitted);
  });

  it('is not taken from a list of two objects', () => {
    const two = [
      { verdict: 'same', confidence: 1 },
      { verdict: 'other', confidence: 1 },
    ];
    expect(fitShape(VERDICT, two)).toBeUndefined();
  });

  it('is not made from a string', () => {
    expect(fitShape(CITY, 'Paris')).toBeUndefined();
    expect(fitShape(CITY, ['Paris'])).toBeUndefined();
  });
});
