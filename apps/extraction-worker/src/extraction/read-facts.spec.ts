import { describe, expect, it } from 'vitest';

import { extractedFactsSchema, readDate, readFacts } from './read-facts.js';
import type { Excerpt } from './split-conversation.js';

const PART: readonly Excerpt[] = [
  { position: 4, role: 'user', name: 'Alex', at: null, text: 'I moved to Rome in May.' },
  {
    position: 5,
    role: 'assistant',
    name: null,
    at: null,
    text: 'Try the trattoria in Trastevere!',
  },
];
const FACT = {
  fact: 'Alex moved to Rome in May 2024.',
  topic: 'Home',
  category: 'location',
  importance: 7,
  valid_from: '2024-05-01',
  messages: [4],
};
const asIs = (text: string): string => text;
const clean = (text: string): string => text.replaceAll('sk-planted-key', '[redacted]');
const read = (facts: readonly object[], note: string | null = null) =>
  readFacts(extractedFactsSchema.parse({ facts, note }), PART, asIs);
const only = (fact: object) => read([{ ...FACT, ...fact }]).facts[0];

describe('readFacts', () => {
  it('reads a fact with its source and its date', () => {
    expect(only({})).toEqual({
      text: 'Alex moved to Rome in May 2024.',
      topic: 'Home',
      category: 'location',
      importance: 7,
      validFrom: new Date('2024-05-01T00:00:00Z'),
      positions: [4],
    });
  });

  it('puts positions in order and drops those outside the part', () => {
    expect(only({ messages: [5, 4, 5, 99, -1, 4.5] })?.positions).toEqual([4, 5]);
  });

  it('finds the likeliest source where none that exists is named', () => {
    expect(only({ messages: [0] })?.positions).toEqual([4]);
    expect(
      only({ fact: 'The assistant recommended a trattoria.', messages: [] })?.positions,
    ).toEqual([5]);
  });

  it('keeps a fact whose source cannot be told, and cites what people said', () => {
    expect(only({ fact: 'Dana owns nine boats.', messages: [] })?.positions).toEqual([4]);
  });

  it('drops empty facts', () => {
    expect(read([{ ...FACT, fact: ' \u0000\n ' }]).facts).toEqual([]);
  });

  it('makes one line that Postgres takes', () => {
    expect(only({ fact: 'Alex\u0000 moved\n\tto \ud800Rome.' })?.text).toBe(
      'Alex moved to \ufffdRome.',
    );
  });

  it.each([
    [0, 1],
    [11, 10],
    [6.6, 7],
    ['high', 5],
    ['7', 7],
  ])('reads importance %s as %d', (given, importance) => {
    expect(only({ importance: given })?.importance).toBe(importance);
  });

  it('mends single values that are odd or missing', () => {
    const { topic, category, valid_from, ...rest } = FACT;
    expect(read([rest]).facts[0]).toMatchObject({
      topic: 'General',
      category: 'other',
      validFrom: null,
    });
    expect(only({ category: 'spaceships' })?.category).toBe('other');
    expect(only({ category: ' Location' })?.category).toBe('location');
    expect(only({ fact: 'Alex found somewhere to eat.', messages: ['5'] })?.positions).toEqual([5]);
    expect([topic, category, valid_from]).toHaveLength(3);
  });

  it('takes no more facts than a conversation can hold', () => {
    expect(read(Array.from({ length: 900 }, () => FACT)).facts).toHaveLength(500);
  });

  it('keeps the note, and none that is empty', () => {
    expect(read([], ' Only greetings. ').note).toBe('Only greetings.');
    expect(read([], ' ').note).toBeNull();
  });

  it('cleans facts, topics and the note of the key', () => {
    const fact = { ...FACT, fact: 'Alex uses sk-planted-key.', topic: 'sk-planted-key' };
    const answer = extractedFactsSchema.parse({ facts: [fact], note: 'sk-planted-key' });
    expect(JSON.stringify(readFacts(answer, PART, clean))).not.toContain('planted');
  });
});

describe('readDate', () => {
  it.each([
    ['2024-05-01', '2024-05-01T00:00:00.000Z'],
    ['2024-05', '2024-05-01T00:00:00.000Z'],
    ['2024', '2024-01-01T00:00:00.000Z'],
    ['2024-05-01T10:30:00+02:00', '2024-05-01T08:30:00.000Z'],
    ['2024-05-01T10:30', '2024-05-01T10:30:00.000Z'],
    [' 2024-05-01 10:30:00z ', '2024-05-01T10:30:00.000Z'],
  ])('reads %s', (text, date) => {
    expect(readDate(text)?.toISOString()).toBe(date);
  });

  it.each([
    '',
    'last May',
    '2024-02-31',
    '2024-13-01',
    '2024-05-01T25:00:00Z',
    '01/05/2024',
    '12024-01-01',
  ])('finds no date in %j', (text) => {
    expect(readDate(text)).toBeNull();
  });
});
