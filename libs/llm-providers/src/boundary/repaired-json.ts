import { jsonrepair } from 'jsonrepair';

import { endOf, parseBounded, tryParse } from './bounded-json.js';
import { MAX_REPAIRED_CHARACTERS } from './bounds.js';
import { waitForLoopTurn } from './loop-turn.js';

/** A mark is the index of a stored value between two private-use characters, which models do not write. */
const [OPEN, CLOSE] = ['\uE000', '\uE001'];
const MARK = /\uE000(\d+)\uE001/g;
const ONLY_MARK = /^\uE000(\d+)\uE001$/;
const LONG_STRING_CHARACTERS = 32;
const MAX_SPACE = 200;

/** Replaces parts of a text that are already parsed with short marks, and puts their values back into the parsed text. */
export class Outline {
  readonly #values: unknown[] = [];

  static holdsMark(text: string): boolean {
    return text.includes(OPEN) || text.includes(CLOSE);
  }

  /** Stores a value, and returns a JSON string that represents it. */
  markFor(value: unknown): string {
    this.#values.push(value);
    return `"${OPEN}${this.#values.length - 1}${CLOSE}"`;
  }

  /** Puts marks in place of long strings in double quotes, also of strings with raw line breaks and tabs. */
  withoutLongStrings(text: string): string {
    let short = '';
    let done = 0;
    let at = text.indexOf('"');
    while (at !== -1) {
      const end = stringEnd(text, at + 1);
      if (end === undefined) break;
      const value = end - at > LONG_STRING_CHARACTERS ? stringOf(text.slice(at, end)) : undefined;
      if (value !== undefined) {
        short += text.slice(done, at) + this.markFor(value);
        done = end;
      }
      at = text.indexOf('"', end);
    }
    return short + text.slice(done);
  }

  /** Replaces each mark in a value with the value that it represents. */
  filledIn(value: unknown): unknown {
    if (typeof value === 'string') {
      const [, only] = ONLY_MARK.exec(value) ?? [];
      if (only !== undefined) return this.#valueAt(only);
      // A mark within a text represents a quotation in it.
      return value.replaceAll(MARK, (_mark, place: string) => {
        const held = this.#valueAt(place);
        return typeof held === 'string' ? held : JSON.stringify(held);
      });
    }
    if (Array.isArray(value)) return value.map((held) => this.filledIn(held));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [
        String(this.filledIn(name)),
        this.filledIn(held),
      ]),
    );
  }

  /** A stored object may itself contain marks of values that were stored before it. */
  #valueAt(place: string): unknown {
    const value = this.#values[Number(place)];
    return typeof value === 'object' ? this.filledIn(value) : value;
  }
}

/** The index after the quote that ends a string: such a quote is followed by a character that may follow a value. Any other quote belongs to the text. */
function stringEnd(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') {
      let next = at + 1;
      while (next - at < MAX_SPACE && /\s/.test(text[next] ?? '')) next += 1;
      if (next === text.length || ',:}]'.includes(text[next] ?? '')) return at + 1;
    }
  }
  return undefined;
}

/** Parses a string in quotes. Undefined if it has an unescaped quote in it, which jsonrepair handles. */
function stringOf(quoted: string): string | undefined {
  const escaped = quoted.replaceAll(/[\p{Cc}]/gu, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
  try {
    const value: unknown = JSON.parse(escaped);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The longest text that is passed to jsonrepair 3.15 in one call. For some texts its time grows with the cube of the length:
 * a text of this length takes about ten milliseconds at worst, one of 8,192 characters takes seconds.
 */
const MAX_PART_CHARACTERS = 1_024;
const MAX_UNREAD = 24;
const LAST = 'the text was whole';
/** Matches an escape of JSON, `\'` of other languages, or a single backslash that begins neither: `C:\Users`, `\alpha`. */
const BACKSLASH = /\\(?:["\\/bfnrt']|u[0-9a-f]{4})|\\/gi;
/** Control characters other than tabs and line ends. They are removed: a JSON string may hold none below U+0020. */
const CONTROLS = /(?![\t\n\r])\p{Cc}/gu;
/** Chinese and Japanese punctuation in positions where JSON permits only its own. */
const WIDE_COLON = /(?<=["”'’])：/g;
const WIDE_COMMA = /(?<=["”'’}\]\d]|null|true|false)，(?=\s{0,20}["“”'‘{[])/g;
const QUOTE_IN_WORD = /(?<=\p{L})"(?=\p{L})/gu;

/**
 * Parses a text that is JSON except for common mistakes of models and servers: trailing commas, comments, raw line breaks in
 * strings, single or smart quotes, NaN, Python's literals. Undefined for a text that breaks off, because its missing part must
 * not be invented, and for one that is nested too deeply or has too many parts.
 *
 * A long text is repaired in parts: first each object directly inside the outermost value, then that value itself. The event
 * loop runs before each repair.
 */
export async function repairedJson(given: string): Promise<unknown> {
  const text = given.replace(CONTROLS, '').replace(WIDE_COLON, ':').replace(WIDE_COMMA, ',');
  if (text.length > MAX_REPAIRED_CHARACTERS || Outline.holdsMark(text)) return undefined;
  if (text.length <= MAX_PART_CHARACTERS) return repairedPart(text);
  const outline = new Outline();
  const short = outline.withoutLongStrings(text);
  const skeleton = await withoutInnerObjects(short, outline);
  if (skeleton === undefined) return undefined;
  const value = await repairedPart(skeleton);
  return value === undefined ? undefined : outline.filledIn(value);
}

/** Replaces each object inside the outermost value with a mark; undefined if one of them cannot be parsed. */
async function withoutInnerObjects(text: string, outline: Outline): Promise<string | undefined> {
  let skeleton = '';
  let done = 0;
  let unread = 0;
  let at = text.indexOf('{', text.search(/[{[]/) + 1);
  while (at !== -1) {
    const end = endOf(text, at);
    if (end === undefined) {
      unread += 1;
      if (unread > MAX_UNREAD) return undefined;
      at = text.indexOf('{', at + 1);
      continue;
    }
    const part = text.slice(at, end);
    const value = tryParse(part) ?? (await repairedPart(part));
    if (value === undefined) return undefined;
    skeleton += text.slice(done, at) + outline.markFor(value);
    done = end;
    at = text.indexOf('{', end);
  }
  return skeleton + text.slice(done);
}

async function repairedPart(text: string): Promise<unknown> {
  if (text.length > MAX_PART_CHARACTERS) return undefined;
  await waitForLoopTurn();
  const escaped = text.replace(BACKSLASH, (found) => (found === '\\' ? '\\\\' : found));
  // The library closes open brackets. If the added last value ends up inside another one, the text broke off.
  const values = repaired(`[${escaped}\n,"${LAST}"]`);
  if (!Array.isArray(values) || values.length !== 2 || values[1] !== LAST) return undefined;
  return withApostrophes(values[0], text);
}

function repaired(text: string): unknown {
  try {
    return parseBounded(jsonrepair(text));
  } catch {
    // The text is not JSON, or is nested too deeply for the bounds or for the library's stack.
    return undefined;
  }
}

/** jsonrepair 3.15 writes the apostrophe in `'Ana's dog'` as a double quote. */
function withApostrophes(value: unknown, text: string): unknown {
  if (!/\p{L}'\p{L}/u.test(text) || /\p{L}"\p{L}/u.test(text)) return value;
  return mapStrings(value, (held) => held.replaceAll(QUOTE_IN_WORD, "'"));
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((held) => mapStrings(held, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name, mapStrings(held, change)]),
  );
}
