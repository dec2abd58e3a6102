import { describe, expect, it } from 'vitest';

import { fold } from './fold.js';

describe('fold', () => {
  it.each([
    ['case', 'Ana lives in Lisbon', 'ANA LIVES IN LISBON'],
    ['white space', '  Ana\tlives\n\nin Lisbon ', 'Ana lives in Lisbon'],
    ['a space that does not break', 'Ana lives\u00a0in Lisbon', 'Ana lives in Lisbon'],
    ['composed and decomposed letters', 'José', 'Jose\u0301'],
    ['full width', 'Ｌｉｓｂｏｎ', 'lisbon'],
  ])('makes no difference of %s', (_, one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  it.each([
    ['an accent', 'resume', 'résumé'],
    ['a number', 'Ana has 2 cats', 'Ana has 3 cats'],
    ['punctuation', 'Ana left.', 'Ana left?'],
  ])('keeps apart what differs in %s', (_, one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });

  it('changes nothing the second time', () => {
    const once = fold(' İstanbul  ΟΔΟΣ ﬁne ');
    expect(fold(once)).toBe(once);
  });
});
