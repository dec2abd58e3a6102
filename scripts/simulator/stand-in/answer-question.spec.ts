import { describe, expect, it } from 'vitest';

import { answerQuestion, NOTHING_KNOWN } from './answer-question.js';

const MEMORIES = [
  "The user's name is Dana.",
  'Dana works at Globex.',
  'Dana moved to Lisbon on 26 April 2024.',
  'Dana is allergic to peanuts.',
  'Dana joined a local book club focused on contemporary fiction.',
].map((fact, index) => ({
  mem: index + 1,
  fact,
  topic: '',
  said: '',
  validFrom: undefined,
  validTo: undefined,
}));

describe('the stand-in, asked', () => {
  it.each([
    ['Where does Dana work?', 'Dana works at Globex [mem-2].'],
    ['Which city does Dana live in?', 'Dana moved to Lisbon on 26 April 2024 [mem-3].'],
    ['Does Dana have any allergies?', 'Dana is allergic to peanuts [mem-4].'],
    [
      'What clubs did she join?',
      'Dana joined a local book club focused on contemporary fiction [mem-5].',
    ],
    ["What is Dana's shoe size?", NOTHING_KNOWN],
    ['How tall is the Eiffel Tower?', NOTHING_KNOWN],
  ])('%s', (question, answer) => {
    expect(answerQuestion({ memories: MEMORIES, question })).toBe(answer);
  });

  it('cites at most four, the newest first where they fit alike', () => {
    const memories = [2019, 2023, 2021, 2020, 2022].map((year, index) => ({
      mem: index + 1,
      fact: `Dana visited Rome in ${year}.`,
      topic: 'Travel',
      said: '',
      validFrom: `${year}-01-01`,
      validTo: undefined,
    }));
    expect(answerQuestion({ memories, question: 'When was Dana in Rome?' })).toMatch(
      /^Dana visited Rome in 2023 \[mem-2\]\..* \[mem-4\]\.$/,
    );
    expect(
      answerQuestion({ memories, question: 'When was Dana in Rome?' }).match(/\[mem-/g),
    ).toHaveLength(4);
  });

  it('says what has ended, after what still holds', () => {
    const old = {
      mem: 1,
      fact: 'Dana works at Acme.',
      topic: 'Work',
      said: '',
      validFrom: '2020-01-01',
      validTo: '2024-01-01T00:00:00.000Z',
    };
    const now = {
      mem: 2,
      fact: 'Dana works at Globex.',
      topic: 'Work',
      said: '',
      validFrom: '2019-01-01',
      validTo: undefined,
    };
    expect(answerQuestion({ memories: [old, now], question: 'Where does Dana work?' })).toBe(
      'Dana works at Globex [mem-2]. Dana works at Acme (until 2024-01-01) [mem-1].',
    );
  });
});
