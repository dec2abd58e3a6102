import { jsonrepair } from 'jsonrepair';

import { parseBounded } from './bounded-json.js';
import { MAX_REPAIRED_CHARACTERS } from './bounds.js';

const LAST = 'the text was whole';
/** A backslash that begins no escape of JSON: `C:\Users`, `\alpha`. `\'` is an escape in other languages. */
const BACKSLASH = /\\(?:["\\/bfnrt']|u[0-9a-f]{4})|\\/gi;
const QUOTE_IN_WORD = /(?<=\p{L})"(?=\p{L})/gu;

/**
 * The value of a text that is JSON but for what models and servers get wrong: trailing commas, comments, raw line breaks
 * in strings, single or smart quotes, NaN, the words of Python. A text that breaks off has no value: what is missing of it
 * is not invented. Nor has one that is nested too deeply or has too many parts.
 */
export function repairedJson(text: string): unknown {
  if (text.length > MAX_REPAIRED_CHARACTERS) return undefined;
  const escaped = text.replace(BACKSLASH, (found) => (found === '\\' ? '\\\\' : found));
  // The library closes what is open. A further value that then ends up inside of it shows that the text broke off.
  const values = repairedValue(`[${escaped}\n,"${LAST}"]`);
  if (!Array.isArray(values) || values.length !== 2 || values[1] !== LAST) return undefined;
  return withApostrophes(values[0], text);
}

function repairedValue(text: string): unknown {
  try {
    return parseBounded(jsonrepair(text));
  } catch {
    // It is no JSON at all, or too deep: for the bounds, or for the library's own stack.
    return undefined;
  }
}

/** jsonrepair 3.15 writes the apostrophe in `'Ana's dog'` as a double quote. */
function withApostrophes(value: unknown, text: string): unknown {
  if (!/\p{L}'\p{L}/u.test(text) || /\p{L}"\p{L}/u.test(text)) return value;
  const mend = (held: unknown): unknown => {
    if (typeof held === 'string') return held.replaceAll(QUOTE_IN_WORD, "'");
    if (Array.isArray(held)) return held.map(mend);
    if (typeof held !== 'object' || held === null) return held;
    return Object.fromEntries(Object.entries(held).map(([name, part]) => [name, mend(part)]));
  };
  return mend(value);
}
