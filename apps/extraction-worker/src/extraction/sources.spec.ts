import { describe, expect, it } from 'vitest';

import { SourceFinder } from './sources.js';
import type { Excerpt } from './split-conversation.js';

const said = (position: number, role: Excerpt['role'], text: string): Excerpt => ({
  position,
  role,
  name: null,
  at: null,
  text,
});

const PART = [
  said(0, 'user', 'I adopted a grey cat called Misu.'),
  said(1, 'assistant', 'Lovely! I recommend the clinic on Elm Street.'),
  said(2, 'user', '田中さんは東京に住んでいる'),
];

const sourcesOf = (fact: string, named: readonly number[], part: readonly Excerpt[]) =>
  new SourceFinder(part).find(fact, named);

describe('SourceFinder', () => {
  it('cites the messages that the model named', () => {
    expect(sourcesOf('The user adopted a grey cat called Misu.', [0], PART)).toEqual([0]);
    expect(sourcesOf('The user owns a pet.', [2, 0], PART)).toEqual([0, 2]);
  });

  it('cites another message when that one clearly contains the fact', () => {
    expect(sourcesOf('The user adopted a grey cat called Misu.', [1], PART)).toEqual([0]);
  });

  it('keeps the named messages when no other one clearly contains the fact', () => {
    expect(sourcesOf('The user looks after an animal at home.', [1], PART)).toEqual([1]);
  });

  it('cites the most similar message when the model names none that exists', () => {
    expect(sourcesOf('The assistant recommended a clinic.', [9], PART)).toEqual([1]);
    expect(sourcesOf('田中さんは東京に住んでいる', [77], PART)).toEqual([2]);
  });

  it.each([
    ['Korean, whatever its particles', '고양이와 산다.', '나는 고양이를 키운다.'],
    ['Lao', 'ວຽງຈັນ', 'ຂ້ອຍຢູ່ວຽງຈັນ'],
    ['Khmer', 'ភ្នំពេញ', 'ខ្ញុំរស់នៅភ្នំពេញ'],
    ['Hindi', 'बिल्ली', 'मेरी बिल्ली का नाम मीशु है'],
    ['a word with a soft hyphen', 'The passport expires.', 'My pass\u00ADport ex\u200Bpires.'],
  ])('are found by %s', (_what, fact, text) => {
    const part = [said(0, 'user', 'Nine boats.'), said(1, 'user', text)];
    expect(sourcesOf(fact, [], part)).toEqual([1]);
  });

  it('cites all user messages when no message contains a word of the fact', () => {
    expect(sourcesOf('Nine boats.', [], PART)).toEqual([0, 2]);
  });

  it('cites no more messages than a fact may cite', () => {
    const long = Array.from({ length: 300 }, (_, at) => said(at, 'user', `message ${at}`));
    const named = long.map(({ position }) => position).toReversed();
    expect(sourcesOf('Dana told it.', named, long)).toEqual(
      Array.from({ length: 50 }, (_, at) => 250 + at),
    );
    expect(sourcesOf('Nine boats.', [], long)).toHaveLength(50);
  });
});
