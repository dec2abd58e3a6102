/** How much JSON a body may hold, beside its bytes. */
export interface BodyBounds {
  readonly maxValues: number;
  /** How many lists and objects may stand inside each other. */
  readonly maxNesting: number;
}

/** Deeper than any metadata, and far from what a recursive serialiser cannot take. */
export const MAX_DEPTH = 64;

/** A value costs the parser and every walk after it many times its bytes: the three bytes of `[],` become an object. */
export const SINGLE_BOUNDS: BodyBounds = { maxValues: 100_000, maxNesting: MAX_DEPTH + 1 };

/** A batch refuses an item that is nested too deeply alone, so its own bound lies far behind that of an item. */
export const BATCH_BOUNDS: BodyBounds = { maxValues: 1_000_000, maxNesting: 1_000 };

/** More than metadata of 8 KiB can have. An object of more names is a hash table, which costs the parser microseconds a name. */
const MAX_NAMES = 2_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENS_LIST = 0x5b;
const OPENS_OBJECT = 0x7b;
const CLOSES_LIST = 0x5d;
const CLOSES_OBJECT = 0x7d;

/**
 * Counts the values of a body in its bytes, before a parser makes objects of them. Every value follows a comma or an
 * opening bracket, so an empty list counts twice. For text that is no JSON the answer means nothing: the parser refuses it.
 * @returns what is wrong; undefined where the body keeps its bounds.
 */
export function boundsFault(
  bytes: Uint8Array,
  { maxValues, maxNesting }: BodyBounds,
): string | undefined {
  let values = 1;
  let nesting = 0;
  const names = new Uint32Array(maxNesting + 1);
  const end = bytes.length;
  for (let at = 0; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = endOfText(bytes, at);
    } else if (byte === COMMA) {
      values += 1;
      if (values > maxValues) return tooMany('values', maxValues);
    } else if (byte === COLON) {
      names[nesting]! += 1;
      if (names[nesting]! > MAX_NAMES) return tooMany('properties in one object', MAX_NAMES);
    } else if (byte === OPENS_LIST || byte === OPENS_OBJECT) {
      values += 1;
      nesting += 1;
      if (nesting > maxNesting) return `is nested deeper than ${MAX_DEPTH} levels`;
      if (values > maxValues) return tooMany('values', maxValues);
      names[nesting] = 0;
    } else if ((byte === CLOSES_LIST || byte === CLOSES_OBJECT) && nesting > 0) {
      nesting -= 1;
    }
  }
  return undefined;
}

/** @returns where the closing quote of the text is that begins at `start`. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return bytes.length;
}

const tooMany = (what: string, limit: number): string =>
  `must hold at most ${limit.toLocaleString('en-US')} ${what}`;
