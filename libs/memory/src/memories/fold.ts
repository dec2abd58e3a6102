import { withoutInvisibleButEmoji } from './invisible.js';

/**
 * Characters that NFKC may change: all but superscripts, subscripts and fractions, where it would turn `x²` into `x2` and
 * `1½` into `11⁄2`.
 */
const COMPATIBLE =
  /[^\u00B2\u00B3\u00B9\u00BC-\u00BE\u02B0-\u02B8\u02E0-\u02E4\u1D2C-\u1D6A\u2070-\u207F\u2150-\u215F\u2189]+/gu;

/** The form in which two facts are the same fact: Unicode-normalised, case and white space folded, invisible characters removed. */
export function fold(text: string): string {
  return withoutInvisibleButEmoji(text)
    .replace(COMPATIBLE, (run) => run.normalize('NFKC'))
    .toLowerCase()
    .replace(/[\s\u0085\u2800]+/gu, ' ')
    .trim();
}
