/** Characters that are not seen. U+FFFD as well: it takes the place of a NUL, and of half a surrogate pair. */
const UNSEEN = /[\s\p{C}\p{M}\p{Default_Ignorable_Code_Point}\ufffd]/gu;

/** Letters that Unicode does not take apart. Search documents hold them like this too. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ـ: '',
};

/**
 * A character as a search document has it, because that is stored as well: compatibility forms (`ｓ`, `𝐬`, `²`) and marks
 * taken away, in small letters. Nothing for a character that is not seen, or that only marks the one before it.
 */
export function foldedCharacter(character: string): string {
  const folded = character.normalize('NFKD').replace(UNSEEN, '').toLowerCase();
  return PLAIN[folded] ?? folded;
}

/** A text as its folded characters. */
export function foldedText(text: string): string {
  return Array.from(text, foldedCharacter).join('');
}
