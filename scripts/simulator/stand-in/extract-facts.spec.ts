import { describe, expect, it } from 'vitest';

import { extractFacts } from './extract-facts.js';
import type { Said } from './read-prompt.js';

/** A Wednesday. */
const AT = new Date('2024-05-01T10:00:00Z');
const say = (text: string, more: Partial<Said> = {}): Said => ({
  n: 0,
  role: 'user',
  name: undefined,
  at: AT,
  text,
  ...more,
});
const factsIn = (text: string, more: Partial<Said> = {}) => extractFacts([say(text, more)]).facts;
const sentencesIn = (text: string, more: Partial<Said> = {}) =>
  factsIn(text, more).map(({ fact }) => fact);

describe('what somebody says of themselves', () => {
  it('becomes atomic facts under the name that they give', () => {
    expect(factsIn('My name is Dana and I work at Globex.')).toEqual([
      {
        fact: "The user's name is Dana.",
        topic: 'Identity',
        category: 'identity',
        importance: 8,
        valid_from: null,
        messages: [0],
      },
      {
        fact: 'Dana works at Globex.',
        topic: 'Work',
        category: 'work',
        importance: 8,
        valid_from: null,
        messages: [0],
      },
    ]);
  });

  it.each([
    ["I don't like coffee anymore.", "Alex doesn't like coffee anymore."],
    ["I'm allergic to peanuts!", 'Alex is allergic to peanuts.'],
    [
      "For starters, I've joined a book club with my sister.",
      'Alex has joined a book club with their sister.',
    ],
    ['My wife and I have two kids.', 'Alex and their wife have two kids.'],
    ['My dog is called Rex.', "Alex's dog is called Rex."],
    [
      'I was born in Lima, where I was very happy.',
      'Alex was born in Lima, where they were very happy.',
    ],
    ['I no longer eat meat.', 'Alex no longer eats meat.'],
    [
      'I also study law and carry my books myself.',
      'Alex also studies law and carry their books themselves.',
    ],
  ])('%s', (text, fact) => {
    expect(sentencesIn(text, { name: 'Alex' })).toEqual([fact]);
  });

  it('keeps the number of its message, and at most three a message', () => {
    const text =
      'I bought a car. I adopted a dog. I moved to Rome. I joined a gym. I started a blog.';
    const facts = factsIn(text, { n: 7, name: 'Kim' });
    expect(facts).toHaveLength(3);
    expect(facts.every(({ messages }) => messages[0] === 7)).toBe(true);
  });

  it('is not said twice', () => {
    const twice = extractFacts([say('I bought a car.'), say('I bought a car.', { n: 2 })]);
    expect(twice.facts).toHaveLength(1);
  });
});

describe('what is left out', () => {
  it.each([
    'Hello! How are you?',
    'Do you think I should move to Rome?',
    'Thanks, that sounds great!',
    'The weather is nice.',
  ])('%s', (text) => {
    expect(extractFacts([say(text)])).toEqual({
      facts: [],
      note: expect.stringContaining('No statement'),
    });
  });

  it('is what a tool or a system message says', () => {
    expect(sentencesIn('I work at Globex.', { role: 'system' })).toEqual([]);
  });
});

describe('what the assistant recommends', () => {
  it('is told of the user', () => {
    const { facts } = extractFacts([
      say('I run every day.', { name: 'Kim' }),
      say('Nice. I recommend the Fairmont plan. You should try the tempo runs that you liked.', {
        n: 1,
        role: 'assistant',
      }),
    ]);
    expect(facts.slice(1).map(({ fact, messages }) => [fact, messages])).toEqual([
      ['The assistant recommended the Fairmont plan.', [1]],
      ['The assistant recommended that Kim try the tempo runs that they liked.', [1]],
    ]);
  });

  it('is not what it asks or praises', () => {
    expect(
      sentencesIn('That sounds wonderful! Would you recommend it?', { role: 'assistant' }),
    ).toEqual([]);
  });
});

describe('when it became true', () => {
  it.each([
    ['I moved to Lisbon last Friday.', '2024-04-26', 'Kim moved to Lisbon on 26 April 2024.'],
    ['Yesterday I bought a car.', '2024-04-30', 'On 30 April 2024 Kim bought a car.'],
    [
      'I joined a gym two weeks ago.',
      '2024-04-15',
      'Kim joined a gym in the week of 15 April 2024.',
    ],
    [
      'Just last month I attended a festival.',
      '2024-04-01',
      'In April 2024 Kim attended a festival.',
    ],
    ['I quit smoking last year.', '2023-01-01', 'Kim quit smoking in 2023.'],
    ['I moved to Berlin in March 2022.', '2022-03-01', 'Kim moved to Berlin in March 2022.'],
    ['I got married on May 5, 2019.', '2019-05-05', 'Kim got married on May 5, 2019.'],
    ['In 2013, I sampled old records.', '2013-01-01', 'In 2013, Kim sampled old records.'],
    ['I love tea.', null, 'Kim loves tea.'],
  ])('%s', (text, validFrom, fact) => {
    expect(factsIn(text, { name: 'Kim' })).toMatchObject([{ fact, valid_from: validFrom }]);
  });

  it('stays open where nobody says when the talk took place', () => {
    expect(factsIn('Yesterday I bought a car.', { at: undefined })).toMatchObject([
      { fact: 'Yesterday the user bought a car.', valid_from: null },
    ]);
  });
});

it('does not choke on a long line without an end', () => {
  const started = performance.now();
  extractFacts([say('I "went" and I went, '.repeat(20_000))]);
  expect(performance.now() - started).toBeLessThan(5_000);
});
