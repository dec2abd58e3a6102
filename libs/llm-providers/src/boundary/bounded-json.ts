import { AnswerBoundsError } from './bounds.js';

/** No provider nests deeper. zod, JSON.stringify and this lib are recursive, and the stack holds a few thousand levels. */
const MAX_DEPTH = 64;
/** A model writes less than one value per token, and every value is checked against a schema. */
export const MAX_VALUES = 20_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = [0x5b, 0x7b, 0x5d, 0x7d];

/**
 * Counts brackets and commas outside strings, in one pass and without recursion. Text that is not JSON passes: the parser
 * refuses it.
 * @throws AnswerBoundsError if the text is nested too deeply or holds too many values
 */
export function requireBoundedJson(text: string, maxValues = MAX_VALUES): void {
  let depth = 0;
  let values = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === COMMA) values += 1;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      values += 1;
      depth += 1;
      if (depth > MAX_DEPTH)
        throw new AnswerBoundsError('The provider’s answer is nested too deeply to be read.');
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
    if (values > maxValues)
      throw new AnswerBoundsError('The provider’s answer holds too many values to be read.');
  }
}

/** Parses JSON of a provider. @throws AnswerBoundsError if it exceeds the bounds, SyntaxError if it is not JSON. */
export function parseBounded(text: string): unknown {
  requireBoundedJson(text);
  return JSON.parse(text);
}

/**
 * @returns the index after the bracket that closes the value which begins at `start`; undefined if it is never closed.
 * Brackets inside strings do not count.
 */
export function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** Like `parseBounded`, but undefined if the text is not JSON or exceeds the bounds. */
export function tryParse(text: string): unknown {
  try {
    return parseBounded(text);
  } catch {
    return undefined;
  }
}
