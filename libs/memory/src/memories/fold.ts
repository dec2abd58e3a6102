/**
 * Invisible characters: soft hyphens, zero-width characters, marks of direction, variation selectors, control
 * characters. Text that is copied from a page or written by a model may have them inside its words. White space is kept.
 */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|(?![\t-\r\u0085])\p{Cc}|[\uFFF9-\uFFFB]/gu;

/** The characters that join several emoji into one: the joiner between two, and the tags that name the region of a flag. */
const EMOJI_JOINTS =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D(?=\p{Extended_Pictographic})|(?<=\u{1F3F4})[\u{E0020}-\u{E007F}]+/gu;

/** Removes all invisible characters. Without its joiners the emoji of a family becomes the emoji of its members. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '');

/** Keeps the joiners of emoji: without them the flags of England and Scotland, for example, would be equal. */
function withoutInvisibleButEmoji(text: string): string {
  const joints = text.match(EMOJI_JOINTS);
  if (joints === null) return withoutInvisible(text);
  const between = text.split(EMOJI_JOINTS).map(withoutInvisible);
  return between.map((part, index) => part + (joints[index] ?? '')).join('');
}

/**
 * Characters that NFKC may change: all but superscripts, subscripts and fractions, where it would turn `x²` into `x2` and
 * `1½` into `11⁄2`.
 */
const COMPATIBLE =
  /[^\u00B2\u00B3\u00B9\u00BC-\u00BE\u02B0-\u02B8\u02E0-\u02E4\u1D2C-\u1D6A\u2070-\u207F\u2150-\u215F\u2189]+/gu;

/** Two facts are duplicates when their folds are equal: Unicode-normalised, case and white space folded, invisible characters removed. */
export function fold(text: string): string {
  return withoutInvisibleButEmoji(text)
    .replace(COMPATIBLE, (run) => run.normalize('NFKC'))
    .toLowerCase()
    .replace(/[\s\u0085\u2800]+/gu, ' ')
    .trim();
}
