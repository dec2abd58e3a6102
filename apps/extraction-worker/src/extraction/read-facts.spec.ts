import { describe, expect, it } from 'vitest';

import { extractedFactsSchema, readFacts } from './read-facts.js';
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
const hideJoined = (text: string): string => text.replaceAll('sk- planted key', '[redacted]');
const RECORDED = { at: new Date('2024-06-01T00:00:00Z'), offsetMinutes: 0 };
const read = (facts: readonly object[], note: string | null = null) =>
  readFacts(extractedFactsSchema.parse({ facts, note }), PART, RECORDED, asIs);
const only = async (fact: object) => (await read([{ ...FACT, ...fact }])).facts[0];

describe('readFacts', () => {
  it('reads a fact with its source and its date', async () => {
    expect(await only({})).toEqual({
      text: 'Alex moved to Rome in May 2024.',
      topic: 'Home',
      category: 'location',
      importance: 7,
      validFrom: new Date('2024-05-01T00:00:00Z'),
      positions: [4],
    });
  });

  it('sorts the cited positions and drops those outside the part', async () => {
    expect((await only({ messages: [5, 4, 5, 99, -1, 4.5] }))?.positions).toEqual([4, 5]);
  });

  it('cites the most similar message when the model names none that exists', async () => {
    expect((await only({ messages: [0] }))?.positions).toEqual([4]);
    expect(
      (await only({ fact: 'The assistant recommended a trattoria.', messages: [] }))?.positions,
    ).toEqual([5]);
  });

  it('keeps a fact without a recognizable source, and cites the user messages', async () => {
    expect((await only({ fact: 'Dana owns nine boats.', messages: [] }))?.positions).toEqual([4]);
  });

  it.each([
    ['15 Jan 2024', '2024-01-15T00:00:00.000Z'],
    [20240115, '2024-01-15T00:00:00.000Z'],
    [2024, '2024-01-01T00:00:00.000Z'],
    ['01/02/2024', undefined],
    [1_705_276_800, undefined],
    [{ date: '2024-01-15' }, undefined],
  ])('reads valid_from %j', async (given, date) => {
    expect((await only({ valid_from: given }))?.validFrom?.toISOString()).toBe(date);
  });

  it('drops empty facts', async () => {
    expect((await read([{ ...FACT, fact: ' \u0000\n ' }])).facts).toEqual([]);
  });

  it('keeps the lines of a fact, without characters that Postgres refuses, and makes one line of a topic', async () => {
    const fact = 'Alex\u0000 runs:\r\n\tmake \ud800all';
    expect(await only({ fact, topic: 'a\n b' })).toMatchObject({
      text: 'Alex runs:\n\tmake \ufffdall',
      topic: 'a b',
    });
  });

  it.each([
    [0, 1],
    [11, 10],
    [6.6, 7],
    ['high', 5],
    ['7', 7],
  ])('reads importance %s as %d', async (given, importance) => {
    expect((await only({ importance: given }))?.importance).toBe(importance);
  });

  it('replaces single values that are invalid or missing', async () => {
    const { topic, category, valid_from, ...rest } = FACT;
    expect((await read([rest])).facts[0]).toMatchObject({
      topic: 'General',
      category: 'other',
      validFrom: null,
    });
    expect((await only({ category: 'spaceships' }))?.category).toBe('other');
    expect((await only({ category: ' Location' }))?.category).toBe('location');
    expect(
      (await only({ fact: 'Alex found somewhere to eat.', messages: ['5'] }))?.positions,
    ).toEqual([5]);
    expect([topic, category, valid_from]).toHaveLength(3);
  });

  it('keeps as many facts as a part can hold, and counts those left out', async () => {
    const many = Array.from({ length: 900 }, () => FACT);
    const found = await read(many);
    expect([found.facts.length, found.leftOut]).toEqual([30, 870]);
    const long = [{ ...PART[0]!, text: 'I moved to Rome in May. '.repeat(2_000) }];
    const answer = extractedFactsSchema.parse({ facts: many, note: null });
    const more = await readFacts(answer, long, RECORDED, asIs);
    expect([more.facts.length, more.leftOut]).toEqual([500, 400]);
  });

  it('keeps a long fact whole, and splits one that is too long', async () => {
    const long = await read([{ ...FACT, fact: 'a'.repeat(32_768) }]);
    expect([long.facts[0]?.text.length, long.split]).toEqual([32_768, 0]);
    const tooLong = await read([{ ...FACT, fact: `${'a'.repeat(32_766)}😀 and more` }]);
    expect(tooLong.facts.map(({ text }) => text)).toEqual(['a'.repeat(32_766), '😀 and more']);
    expect([tooLong.split, tooLong.facts[1]?.topic, tooLong.facts[1]?.positions]).toEqual([
      1,
      'Home',
      [4],
    ]);
  });

  it('cuts a topic between two characters', async () => {
    expect((await only({ topic: `${'a'.repeat(79)}😀` }))?.topic).toBe('a'.repeat(79));
  });

  it('removes the key after every step that removes characters', async () => {
    const answer = extractedFactsSchema.parse({
      facts: [{ ...FACT, fact: 'sk-\u0007planted\u0001 key', topic: 'sk-\0planted key' }],
      note: null,
    });
    const { facts } = await readFacts(answer, PART, RECORDED, hideJoined);
    expect([facts[0]?.text, facts[0]?.topic]).toEqual(['[redacted]', '[redacted]']);
  });

  it('keeps the note, and reads an empty note as none', async () => {
    expect((await read([], ' Only greetings. ')).note).toBe('Only greetings.');
    expect((await read([], ' ')).note).toBeNull();
  });

  it('removes the key from facts, topics and the note', async () => {
    const fact = { ...FACT, fact: 'Alex uses sk-planted-key.', topic: 'sk-planted-key' };
    const answer = extractedFactsSchema.parse({ facts: [fact], note: 'sk-planted-key' });
    expect(JSON.stringify(await readFacts(answer, PART, RECORDED, clean))).not.toContain('planted');
  });
});
