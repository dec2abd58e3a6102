import { MAX_ERROR_TEXT } from './bounds.js';
import { cutText } from './storable-text.js';

const MAX_DEPTH = 8;
const MAX_ENTRIES = 40;

/**
 * Reads the body of a failed answer as a small value: texts, lists and objects are cut, and deep levels become null. The result
 * of a body that is not JSON is its text.
 * @param isCut the text is only the beginning of the body
 */
export function readErrorBody(text: string, isCut: boolean): unknown {
  for (const candidate of isCut ? closed(text) : [text]) {
    try {
      return smallValue(JSON.parse(candidate));
    } catch {
      continue;
    }
  }
  return cutText(text, MAX_ERROR_TEXT);
}

/** Copies a parsed value with a bounded depth, number of entries and length of texts. */
export function smallValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cutText(value, MAX_ERROR_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return null;
  if (Array.isArray(value))
    return value.slice(0, MAX_ENTRIES).map((entry) => smallValue(entry, depth + 1));
  const small: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let entries = 0;
  // `for … in` stops early: Object.entries would copy a large object first.
  for (const name in value) {
    if ((entries += 1) > MAX_ENTRIES) break;
    small[cutText(name, MAX_ERROR_TEXT)] = smallValue(
      (value as Record<string, unknown>)[name],
      depth + 1,
    );
  }
  return small;
}

/** The ways to close a JSON text that was cut off, so that its beginning can be parsed. */
function closed(text: string): string[] {
  let quoted = false;
  const closing: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '{') closing.push('}');
    else if (character === '[') closing.push(']');
    else if (character === '}' || character === ']') closing.pop();
  }
  const end = closing.toReversed().join('');
  // Half of an escape would make the whole text unreadable.
  const whole = text.replace(/\\(?:u[\da-f]{0,3})?$/i, '');
  return quoted
    ? [`${whole}"${end}`, `${whole}":null${end}`]
    : [`${text}${end}`, `${text.replace(/[,:]$/, '')}${end}`, `${text}null${end}`];
}
