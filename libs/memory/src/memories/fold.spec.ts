import { describe, expect, it } from 'vitest';

import { fold } from './fold.js';

describe('fold', () => {
  it.each([
    ['case', 'Ana lives in Lisbon', 'ANA LIVES IN LISBON'],
    ['white space', '  Ana\tlives\n\nin Lisbon ', 'Ana lives in Lisbon'],
    ['a space that does not break', 'Ana lives\u00a0in Lisbon', 'Ana lives in Lisbon'],
    ['composed and decomposed letters', 'José', 'Jose\u0301'],
    ['full width', 'Ｌｉｓｂｏｎ', 'lisbon'],
    ['lowered figures', 'H₂O', 'H2O'],
    ['ligatures', 'ﬁne', 'fine'],
    ['jamo', '서울', '서울'.normalize('NFD')],
    ['a soft hyphen', 'pass\u00ADword', 'password'],
    ['zero-width spaces', '\u200Bpass\u200Bword\uFEFF', 'password'],
    ['marks of direction', '\u202Apass\u200Eword\u202C', 'password'],
    ['word joiners', 'pass\u2060word', 'password'],
    ['invisible operators', 'a\u2062b', 'ab'],
    ['control characters', 'pass\u0008\u0000word\u009F', 'password'],
    ['a blank of Braille', 'Ana\u2800left', 'Ana left'],
    ['half a space', 'می\u200Cرود', 'میرود'],
    ['joiners in Devanagari', 'क्\u200Dष', 'क्ष'],
    ['fillers of Hangul', '서\u3164울', '서울'],
    ['tags that no flag has', 'Ana\u{E0041}\u{E0042}', 'Ana'],
    ['variation selectors', 'a ❤\uFE0F', 'a ❤'],
  ])('makes no difference of %s', (_, one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  it.each([
    ['an accent', 'resume', 'résumé'],
    ['a number', 'Ana has 2 cats', 'Ana has 3 cats'],
    ['punctuation', 'Ana left.', 'Ana left?'],
    ['an exponent', 'x²', 'x2'],
    ['a power', '10⁵', '105'],
    ['a negative power', '10⁻³', '10-3'],
    ['a fraction', '1½', '11⁄2'],
    ['a raised letter', 'aⁿ', 'an'],
    ['who is in a family', '👩\u200D👩\u200D👧', '👩👩👧'],
    ['a heart on fire', '❤\uFE0F\u200D🔥', '❤\uFE0F🔥'],
    ['the colour of a skin', '👍🏽', '👍🏿'],
    ['a flag of letters', '🇩🇪', '🇫🇷'],
    [
      'a flag of tags',
      '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
      '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}',
    ],
  ])('keeps apart what differs in %s', (_, one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });

  it('is idempotent', () => {
    const once = fold(' İstanbul  ΟΔΟΣ ﬁne x² ❤\uFE0F\u200D🔥 a\uFE0F\u200D🔥 pass\u00ADword ');
    expect(fold(once)).toBe(once);
  });
});
