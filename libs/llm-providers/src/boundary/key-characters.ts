import { markersEnd, mayBecomeMarker, mayJoinMarkers } from './marker.js';

/** A text's characters that may belong to a key, and where each of them stands in the text. */
export interface KeyCharacters {
  readonly characters: string;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Reads a text as a key may be hidden in it: white space, invisible characters and markers are left out, because other
 * code or a reader joins what stands around them; an escape of a URL or of JSON (`%2b`, `\/`, `\u002b`) is its character.
 * @param isWhole false: more may follow, so a marker or an escape at the end that is not complete is not read yet
 */
export function keyCharactersOf(text: string, isWhole = true): KeyCharacters {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
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
    const escape = isEscape ? escapeAt(text, at) : undefined;
    const character = escape?.character ?? text[at] ?? '';
    const end = at + (escape?.length ?? 1);
    if (!isLeftOut(character.charCodeAt(0))) {
      starts[characters.length] = at;
      ends[characters.length] = end;
      characters += character;
    }
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

/** U+FFFD as well: it takes the place of a NUL. */
const LEFT_OUT = /[\s\p{Cc}\p{Default_Ignorable_Code_Point}\ufffd]/u;

/** Most text is ASCII, which is told apart without an expression. */
const isLeftOut = (code: number): boolean =>
  code <= 0x20 || (code >= 0x7f && LEFT_OUT.test(String.fromCharCode(code)));
