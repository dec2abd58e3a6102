/**
 * Invisible characters: soft hyphens, zero-width characters, marks of direction, variation selectors, control
 * characters. Text that is copied from a page or written by a model holds them inside its words. White space is not among them.
 */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|(?![\t-\r\u0085])\p{Cc}|[\uFFF9-\uFFFB]/gu;

/** The characters that join several emoji into one: the joiner between two, and the tags that name a flag. */
const EMOJI_JOINTS =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D(?=\p{Extended_Pictographic})|(?<=\u{1F3F4})[\u{E0020}-\u{E007F}]+/gu;

/** Removes invisible characters, the joiners of emoji too: a family becomes its members. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '');

/** Removes invisible characters and keeps every emoji: a family is not two people, and England is not Scotland. */
export function withoutInvisibleButEmoji(text: string): string {
  const joints = text.match(EMOJI_JOINTS);
  if (joints === null) return withoutInvisible(text);
  const between = text.split(EMOJI_JOINTS).map(withoutInvisible);
  return between.map((part, index) => part + (joints[index] ?? '')).join('');
}
