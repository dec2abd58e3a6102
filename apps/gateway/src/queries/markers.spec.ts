import { describe, expect, it } from 'vitest';

import { renumberMarkers, withoutMarkers } from './markers.js';

describe('an answer without its markers', () => {
  it.each([
    ['Ada lives in London [mem-1].', 'Ada lives in London.'],
    ['Ada [mem-1] plays chess[mem-2], often.', 'Ada plays chess, often.'],
    ['She does [mem-1][mem-12]!', 'She does!'],
    ['She does [mem-1], [mem-2] and [mem-3].', 'She does.'],
    ['She does ([mem-1]; [mem-2]).', 'She does.'],
    ['[mem-1] It is so.', 'It is so.'],
    ['- London [mem-1]\n- Paris [mem-2]\n\nThat is all.', '- London\n- Paris\n\nThat is all.'],
    ['She does (\n [mem-1] ).', 'She does.'],
    ['She does [mem-1] .', 'She does.'],
    ['[mem-1] [mem-2]\n\nIt is [mem-3]\tso.', 'It is\tso.'],
    ['([mem-1], [mem-2] is open', '( is open'],
    ['Code:\n    indented . [mem-1]\n    more', 'Code:\n    indented .\n    more'],
    ['[mem-] [mem-x] [mem-1', '[mem-] [mem-x] [mem-1'],
    ['sandy[mem-1]and[mem-2]y', 'sandyandy'],
    ['Nothing to cite.', 'Nothing to cite.'],
    ['Brackets [sic] stay (as they are).', 'Brackets [sic] stay (as they are).'],
  ])('%j reads %j', (text, plain) => {
    expect(withoutMarkers(text)).toBe(plain);
  });
});

describe('renumbered markers', () => {
  const places = new Map([
    [1, 1],
    [3, 2],
  ]);

  const renumber = (text: string): string => renumberMarkers(text, (number) => places.get(number));

  it('point to the remaining memories, and disappear with erased ones', () => {
    const text = 'London [mem-1], Paris [mem-2], Rome [mem-3].';
    expect(renumber(text)).toBe('London [mem-1], Paris, Rome [mem-2].');
  });

  it('remove a group whose memories are all erased, and join the markers that remain of others', () => {
    expect(renumber('She does [mem-2], [mem-4] and [mem-5].')).toBe('She does.');
    expect(renumber('She does ([mem-2]).')).toBe('She does.');
    expect(renumber('She does ([mem-1]; [mem-2], [mem-3]).')).toBe('She does ([mem-1][mem-2]).');
    expect(renumber('She does [mem-3], [mem-1] and [mem-3].')).toBe(
      'She does [mem-2], [mem-1] and [mem-2].',
    );
  });
});

describe('a megabyte of the worst text for the marker search', () => {
  const SIZE = 1_000_000;
  const long = (piece: string): string => piece.repeat(Math.ceil(SIZE / piece.length));

  it.each([
    ['blanks', `You moved [mem-1].${long(' ')}b`],
    ['blanks before every marker', long('      [mem-1]x')],
    ['markers', long('[mem-1]')],
    ['markers that are joined', long('[mem-1] , ')],
    ['markers after open brackets', long('([mem-1]')],
    ['open brackets', `${long('(')}[mem-1]`],
    ['blanks after an open bracket', `(${long(' ')}[mem-1]${long(' ')}`],
    ['beginnings', long('[mem-')],
    ['digits', `[mem-${long('1')}`],
    ['line breaks between markers', long(`[mem-1]${'\n'.repeat(1_000)}`)],
  ])('is read in linear time: %s', (_what, text) => {
    const start = process.cpuUsage();
    expect(withoutMarkers(text)).not.toContain('[mem-1]');
    expect(renumberMarkers(text, (number) => number + 1)).not.toContain('[mem-1]');
    expect(process.cpuUsage(start).user).toBeLessThan(4_000_000);
  });
});
