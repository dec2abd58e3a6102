import { markersEnd, mayBecomeMarker, mayJoinMarkers } from './marker.js';

/** White space, combining marks, invisible characters, and U+FFFD, which replaces a NUL or half of a surrogate pair. */
const UNSEEN = /[\s\p{C}\p{M}\p{Default_Ignorable_Code_Point}\ufffd]/gu;

/** Letters without a decomposition in Unicode. Search documents replace them in the same way. */
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
 * Folds a character as search documents do, because they are stored too and must not hold a key in that form: without
 * compatibility forms (`ｓ`, `𝐬`, `²`) and marks, in lower case. Empty for an invisible character and for a combining mark.
 */
export function foldedCharacter(character: string): string {
  const folded = character.normalize('NFKD').replace(UNSEEN, '').toLowerCase();
  return PLAIN[folded] ?? folded;
}

/** Folds all characters of a text. */
export function foldedText(text: string): string {
  return Array.from(text, foldedCharacter).join('');
}

/** The characters of a text that may belong to a key, and the position of each in the text. */
export interface KeyCharacters {
  readonly characters: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Removes everything from a text that may separate the characters of a key: white space, invisible characters and markers,
 * because other code or a reader joins the text around them. An escape of a URL or of JSON (`%2b`, `\/`, `\u002b`) becomes its
 * character, and every character is folded.
 * @param isWhole false: more text may follow, so an incomplete marker, escape or surrogate pair at the end is not read yet
 */
export function keyCharactersOf(text: string, isWhole = true): KeyCharacters {
  const starts: number[] = [];
  const ends: number[] = [];
  let characters = '';
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (isOpening(code)) {
      const end = markersEnd(text, at);
      if (end !== undefined) {
        if (!isWhole && mayJoinMarkers(text, end)) break;
        at = end;
        continue;
      }
      if (!isWhole && mayBecomeMarker(text, at)) break;
    }
    const isEscape = code === PERCENT || code === BACKSLASH;
    if (isEscape && !isWhole && text.length - at < LONGEST_ESCAPE && isHalfEscape(text, at)) break;
    if (!isWhole && isHighSurrogate(code) && at + 1 === text.length) break;
    const escape = isEscape ? escapeAt(text, at) : undefined;
    const character = escape?.character ?? characterAt(text, at, code);
    const end = at + (escape?.length ?? character.length);
    const folded = fold(character);
    // A compatibility form may stand for several characters.
    for (let nth = 0; nth < folded.length; nth += 1) {
      starts.push(at);
      ends.push(end);
    }
    characters += folded;
    at = end;
  }
  return { characters, starts, ends };
}

const [PERCENT, BACKSLASH] = [0x25, 0x5c];
const LONGEST_ESCAPE = 6;
const ESCAPE = /%([\da-f]{2})|\\u([\da-f]{4})|\\(["\\/])/iy;
const HALF_ESCAPE = /(?:%[\da-f]?|\\(?:u[\da-f]{0,3})?)$/iy;

function escapeAt(text: string, at: number): { character: string; length: number } | undefined {
  ESCAPE.lastIndex = at;
  const found = ESCAPE.exec(text);
  if (!found) return undefined;
  const [whole, percent, unicode, itself] = found;
  const hex = percent ?? unicode;
  const character = hex === undefined ? (itself ?? '') : String.fromCharCode(parseInt(hex, 16));
  return { character, length: whole.length };
}

function isHalfEscape(text: string, at: number): boolean {
  HALF_ESCAPE.lastIndex = at;
  return HALF_ESCAPE.test(text);
}

const isOpening = (code: number): boolean => code === 0x5b || code === 0x28 || code === 0x3010;

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

const characterAt = (text: string, at: number, code: number): string =>
  isHighSurrogate(code) ? String.fromCodePoint(text.codePointAt(at) ?? code) : (text[at] ?? '');

const [FIRST_VISIBLE, LAST_VISIBLE] = [0x21, 0x7e];

/** ASCII, which most text is, is folded without a regular expression. */
function fold(character: string): string {
  const code = character.charCodeAt(0);
  if (code > LAST_VISIBLE) return foldedCharacter(character);
  return code < FIRST_VISIBLE ? '' : character.toLowerCase();
}
