import { endOf, tryParse } from '../boundary/bounded-json.js';
import { MAX_REPAIRED_CHARACTERS } from '../boundary/bounds.js';
import { repairedJson } from '../boundary/repaired-json.js';
import { closingTagsIn } from './thoughts.js';

/** The most brackets at which no value can be read. It bounds the scans of a text whose brackets are never closed. */
const MAX_UNREAD = 24;
const MAX_REPAIRS = 50;
const MAX_ENCODINGS = 3;
const QUOTED = /^[[{].*["'“‘{]/s;
/** Separators between two values of one answer: `1. {…}`, commas, line ends, the fences of code blocks. */
const BETWEEN = /^(?:[^\p{L}]|json[lc5]?(?![\p{L}]))*$/iu;

/** A value and its position in a text. */
interface FoundValue {
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

export interface FoundJson {
  /** The values in order. Adjacent ones are one run; values with words between them are in different runs. */
  readonly runs: readonly (readonly unknown[])[];
  /** No bracket is left open and no part is unreadable, so no value is missing. */
  readonly isWhole: boolean;
}

/** Finds the JSON objects and lists in a model's text after the last closing tag of a thought. Text that is nearly JSON is repaired. */
export async function jsonInText(text: string): Promise<FoundJson> {
  const { found, isWhole } = await scan(text);
  const from = lastThoughtEnd(text, found);
  const values = found.filter(({ start }) => start >= from);
  const runs: unknown[][] = [];
  for (const [index, { value, start }] of values.entries()) {
    const before = values[index - 1];
    if (before && BETWEEN.test(text.slice(before.end, start))) runs.at(-1)?.push(value);
    else runs.push([value]);
  }
  return { runs, isWhole };
}

/** @returns the index after the last closing tag of a thought that is not inside a JSON value; 0 without one. */
function lastThoughtEnd(text: string, found: readonly FoundValue[]): number {
  let next = found.length - 1;
  for (const { start, end } of closingTagsIn(text).toReversed()) {
    while (next >= 0 && (found[next]?.start ?? 0) > start) next -= 1;
    if ((found[next]?.end ?? 0) <= start) return end;
  }
  return 0;
}

/**
 * Parses a text that is one object or list, also in a code fence or inside a JSON string, which may be encoded several times.
 * Undefined for any other text.
 */
export function jsonOfText(text: string, encodings = MAX_ENCODINGS): unknown {
  const plain = withoutFence(text);
  if (!/^["[{]/.test(plain)) return undefined;
  const value = tryParse(plain);
  if (typeof value !== 'string') return isStructure(value) ? value : undefined;
  return encodings === 0 ? undefined : jsonOfText(value, encodings - 1);
}

/** Like `jsonOfText`, but repairs the text first. Words in brackets, such as `[see below]`, are not JSON. */
export async function nearlyJsonOfText(text: string): Promise<unknown> {
  const plain = withoutFence(text);
  const value = QUOTED.test(plain) ? await repairedJson(plain) : undefined;
  return isStructure(value) ? value : undefined;
}

function withoutFence(text: string): string {
  return text
    .trim()
    .replace(/^```\w{0,10}\s/, '')
    .replace(/```$/, '')
    .trim();
}

async function scan(
  text: string,
): Promise<{ readonly found: readonly FoundValue[]; readonly isWhole: boolean }> {
  const found: FoundValue[] = [];
  let repairable = MAX_REPAIRED_CHARACTERS;
  let repairs = 0;
  let unread = 0;
  let at = nextOpening(text, 0);
  while (at !== -1 && unread < MAX_UNREAD) {
    const end = endOf(text, at);
    let value = end === undefined ? undefined : tryParse(text.slice(at, end));
    const mayRepair = end !== undefined && repairs < MAX_REPAIRS && end - at <= repairable;
    if (value === undefined && mayRepair) {
      repairs += 1;
      repairable -= end - at;
      value = await repairedJson(text.slice(at, end));
    }
    const isRead = end !== undefined && isStructure(value);
    if (isRead) found.push({ value, start: at, end });
    else unread += 1;
    at = nextOpening(text, isRead ? end : at + 1);
  }
  if (unread === 0) return { found, isWhole: true };
  const whole = await betweenOuterBrackets(text);
  return whole ? { found: [whole], isWhole: true } : { found, isWhole: false };
}

/** An unpaired quote hides the end of a value. Then the text from the first bracket to the last one is tried as one value. */
async function betweenOuterBrackets(text: string): Promise<FoundValue | undefined> {
  const start = nextOpening(text, 0);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  if (start === -1 || end <= start || nextOpening(text, end) !== -1) return undefined;
  const value = await repairedJson(text.slice(start, end));
  return isStructure(value) ? { value, start, end } : undefined;
}

function nextOpening(text: string, from: number): number {
  const [object, list] = [text.indexOf('{', from), text.indexOf('[', from)];
  return object === -1 || list === -1 ? Math.max(object, list) : Math.min(object, list);
}

const isStructure = (value: unknown): boolean => typeof value === 'object' && value !== null;
