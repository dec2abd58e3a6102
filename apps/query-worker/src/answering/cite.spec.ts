import { describe, expect, it } from 'vitest';

import { cite } from './cite.js';

const SHOWN = new Set([1, 2, 3, 4]);

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
    ['Rome [1].', 'Rome [mem-1].', [1]],
    ['Rome [1, 2].', 'Rome [mem-1][mem-2].', [1, 2]],
  ])('reads %j', (answer, text, cited) => {
    const read = cite(answer, SHOWN);
    expect(read.text).toBe(text);
    expect([...read.cited]).toEqual(cited);
  });

  it('removes a marker that points nowhere, with the space before it', () => {
    expect(cite('Alex lives in Rome [mem-9].', SHOWN)).toEqual({
      text: 'Alex lives in Rome.',
      cited: new Set(),
    });
    expect(cite('Rome [mem-9, mem-1], Paris [mem-0].', SHOWN).text).toBe('Rome [mem-1], Paris.');
  });

  it('takes a bare number for a marker only where no marker is', () => {
    expect(cite('Rome [mem-1], see [2].', SHOWN).text).toBe('Rome [mem-1], see [2].');
    expect(cite('items[1] and [1](https://a.example)', SHOWN).cited.size).toBe(0);
  });

  it('leaves other brackets alone', () => {
    const text = 'Alex (born 1990) said "[sic]" in [memoir 3 of Anna] (memo 1 is lost).';
    expect(cite(text, SHOWN)).toEqual({ text, cited: new Set() });
  });

  it('survives absurd numbers', () => {
    expect(cite('Rome [mem-1-99999999].', SHOWN).cited.has(1)).toBe(true);
    expect(cite(`Rome [mem-${'1'.repeat(5_000)}].`, SHOWN).cited.size).toBeLessThanOrEqual(1);
  });
});
