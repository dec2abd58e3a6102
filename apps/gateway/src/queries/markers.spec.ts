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
    ['Nothing to cite.', 'Nothing to cite.'],
    ['Brackets [sic] stay (as they are).', 'Brackets [sic] stay (as they are).'],
  ])('%j reads %j', (text, plain) => {
    expect(withoutMarkers(text)).toBe(plain);
  });
});

describe('markers counted anew', () => {
  const places = new Map([
    [1, 1],
    [3, 2],
  ]);

  it('follow what is left, and go with what is gone', () => {
    const text = 'London [mem-1], Paris [mem-2], Rome [mem-3].';
    expect(renumberMarkers(text, (number) => places.get(number))).toBe(
      'London [mem-1], Paris, Rome [mem-2].',
    );
  });
});
