import { describe, expect, it } from 'vitest';

import { cite, withoutReadableMarkers } from './cite.js';

const SHOWN = { numbers: new Set([1, 2, 3, 4]), texts: ['Rome has been home since [4].'] };

describe('cite', () => {
  it.each([
    ['Alex lives in Rome [mem-2].', 'Alex lives in Rome [mem-2].', [2]],
    ['Rome [mem-1][mem-3].', 'Rome [mem-1][mem-3].', [1, 3]],
    ['Rome [mem-1, mem-2].', 'Rome [mem-1][mem-2].', [1, 2]],
    ['Rome [mem-1; 2].', 'Rome [mem-1][mem-2].', [1, 2]],
    ['Rome [mem-1 and mem-2].', 'Rome [mem-1][mem-2].', [1, 2]],
    ['Rome [mem-1–mem-3].', 'Rome [mem-1][mem-2][mem-3].', [1, 2, 3]],
    ['Rome [MEM 1].', 'Rome [mem-1].', [1]],
    ['Rome [Mem_1].', 'Rome [mem-1].', [1]],
    ['Rome [memory 1].', 'Rome [mem-1].', [1]],
    ['Rome [memories 1, 2].', 'Rome [mem-1][mem-2].', [1, 2]],
    ['Rome (mem-1).', 'Rome [mem-1].', [1]],
    ['Rome 【mem-1】.', 'Rome [mem-1].', [1]],
    ['Rome [mem-12345].', 'Rome.', []],
    ['Rome [1].', 'Rome [1].', [1]],
    ['Rome [1, 2].', 'Rome [1, 2].', [1, 2]],
    ['Rome [1][2].', 'Rome [1][2].', [1, 2]],
    ['The cell is grid[1][2].', 'The cell is grid[1][2].', []],
    ['Rome [1][9].', 'Rome [1][9].', []],
    ['Rome (memory 2).', 'Rome (memory 2).', [2]],
    ['The lucky numbers are [3, 7].', 'The lucky numbers are [3, 7].', []],
    ['Rome [mem-1], and the numbers are [3, 4].', 'Rome [mem-1], and the numbers are [3, 4].', [1]],
    ['Home since [4].', 'Home since [4].', []],
    ['Rome [mem-[mem-1]2].', 'Rome [mem-1]2].', [1]],
    ['Rome [mem-[mem-(mem [mem-9]2]3]4].', 'Rome2]3]4].', []],
  ])('reads %j', (answer, text, cited) => {
    const read = cite(answer, SHOWN);
    expect(read.text).toBe(text);
    expect([...read.cited]).toEqual(cited);
  });

  it('removes a marker of no memory, with the space before it', () => {
    expect(cite('Alex lives in Rome [mem-9].', SHOWN)).toEqual({
      text: 'Alex lives in Rome.',
      cited: new Set(),
    });
    expect(cite('Rome [mem-9, mem-1], Paris [mem-0].', SHOWN).text).toBe('Rome [mem-1], Paris.');
  });

  it('reads a bare number as a marker only in an answer without markers', () => {
    expect(cite('Rome [mem-1], see [2].', SHOWN).text).toBe('Rome [mem-1], see [2].');
    expect(cite('items[1] and [1](https://a.example)', SHOWN).cited.size).toBe(0);
  });

  it('leaves other brackets alone', () => {
    const text = 'Alex (born 1990) said "[sic]" in [memoir 3 of Anna] (memo 1 is lost).';
    expect(cite(text, SHOWN)).toEqual({ text, cited: new Set() });
  });

  it('writes no more markers than an answer may have, even for wide ranges', () => {
    const numbers = new Set(Array.from({ length: 100 }, (_, n) => n + 1));
    const { text, cited } = cite('[mem-1-100]'.repeat(3_000), { numbers, texts: [] });
    expect(text.length).toBeLessThan(10_000);
    expect(cited.size).toBe(100);
  });

  it('reads numbers that are too large', () => {
    expect(cite('Rome [mem-1-99999999].', SHOWN).cited.has(1)).toBe(true);
    expect(cite(`Rome [mem-${'1'.repeat(5_000)}].`, SHOWN).cited.size).toBeLessThanOrEqual(1);
  });

  it.each(['[mem-1', ' ', '[', '( ', '[mem-1] ', '[mem 1 and ', '【mem', '1', '[1, '])(
    'needs linear time for a text of repeated %j',
    (text) => {
      const from = process.cpuUsage();
      cite(`You moved [mem-1].${text.repeat(1_000_000 / text.length)}b`, SHOWN);
      cite(`${text.repeat(1_000_000 / text.length)}b`, SHOWN);
      expect(process.cpuUsage(from).user).toBeLessThan(5_000_000);
    },
  );
});

describe('a text for the prompt', () => {
  it.each([
    'Ana wrote [mem-2] on the wall.',
    '(mem-2)',
    '【memory 2】',
    '[[mem-2]]',
    '[mem-1, mem-2]',
    '([mem 2])',
  ])('cannot make a model that copies %j cite a memory', (text) => {
    const shown = withoutReadableMarkers(text);
    expect(cite(shown, SHOWN)).toEqual({ text: shown, cited: new Set() });
  });

  it('keeps all other text', () => {
    const text = 'The grid starts at [1], (memo 2) is lost, and Ana [born in 1990] has {two} cats.';
    expect(withoutReadableMarkers(text)).toBe(text);
  });
});
