import { AppError } from '@app/errors';
import type { z } from 'zod';

import type { Warning } from '../warnings.js';
import { refusalOf } from './faults.js';
import { findFaults, type Findings } from './find-faults.js';
import { heldKeys } from './misplaced-keys.js';
import { MAX_DEPTH } from './texts.js';
import type { UnknownFields } from './unknown-fields.js';

/** How a body is to be read: what its route says of it. */
export interface BodyReading {
  readonly schema: z.core.$ZodType;
  readonly bounds?: BodyBounds | undefined;
  /** The handler's parameter has a `BodyReader`, which reads the body instead of the schema. */
  readonly hasOwnReader?: boolean;
}

type Parsed = { readonly value: unknown } | { readonly refusal: AppError };

/**
 * The body of a request. Fastify hands on its bytes: they are parsed after the guards, so that a request without an Aurra
 * key hears that first, and wiped then, because they may hold a caller's key.
 */
export class RequestBody {
  readonly #bytes: Buffer | undefined;
  readonly #reading: BodyReading;
  #parsed: Parsed | undefined;
  #findings: Findings | undefined;
  #warnings: readonly Warning[] | undefined;

  /**
   * @param sent what Fastify made of the body: its bytes, or nothing.
   * @param isStrict whether the request wants to be refused for fields that are not known.
   */
  constructor(
    sent: unknown,
    reading: BodyReading,
    readonly isStrict: boolean,
  ) {
    this.#bytes = Buffer.isBuffer(sent) ? sent : undefined;
    this.#reading = reading;
  }

  get hasOwnReader(): boolean {
    return this.#reading.hasOwnReader ?? false;
  }

  /** The parsed body; an empty object where none came, so that what is required is named. @throws AppError `invalid_request` */
  get value(): unknown {
    const parsed = this.#parse();
    if ('refusal' in parsed) throw parsed.refusal;
    return parsed.value;
  }

  /** For a comparison of requests: the parsed body, or the bytes of one that is refused. */
  get compared(): { readonly value: unknown } | { readonly bytes: Uint8Array } {
    const parsed = this.#parse();
    return 'value' in parsed ? parsed : { bytes: this.#bytes ?? new Uint8Array() };
  }

  /** Whether a name holds a key of its `llm`. A body that cannot be read has none. */
  holdsKey(name: string): boolean {
    const parsed = this.#parse();
    return 'value' in parsed && heldKeys(parsed.value)(name);
  }

  /** What the schema does not look at. @throws AppError `invalid_request` */
  get findings(): Findings {
    const { value } = this;
    return (this.#findings ??= findFaults(value, this.#reading.schema, heldKeys(value)));
  }

  /**
   * Lets go of the parsed body once it is read: it may hold a caller's key, and an answer may take its time.
   * @param unknown the fields that the answer will tell of.
   */
  close(unknown: UnknownFields): void {
    this.#warnings = unknown.warnings();
    this.#parsed = { value: undefined };
    this.#findings = undefined;
  }

  /** What the answer tells of. Found now for an answer that is given again: no pipe has read its body. */
  warnings(): readonly Warning[] {
    if (this.#warnings) return this.#warnings;
    return 'refusal' in this.#parse() ? [] : this.findings.unknown.warnings();
  }

  /** Overwrites the bytes of a body that nothing has parsed. */
  wipe(): void {
    this.#bytes?.fill(0);
  }

  #parse(): Parsed {
    if (this.#parsed) return this.#parsed;
    const bytes = this.#bytes;
    // A body of no bytes, or of a type that no parser takes.
    if (!bytes || bytes.length === 0) return (this.#parsed = { value: {} });
    const fault = boundsFault(bytes, this.#reading.bounds ?? SINGLE_BOUNDS);
    if (fault !== undefined)
      return (this.#parsed = { refusal: refusalOf([{ path: [], message: fault }]) });
    try {
      this.#parsed = { value: parseJson(bytes) };
      bytes.fill(0);
    } catch {
      // The parser's message quotes the body.
      this.#parsed = { refusal: malformed() };
    }
    return this.#parsed;
  }
}

const parseJson = (bytes: Buffer): unknown =>
  JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));

const malformed = (): AppError =>
  new AppError(
    'invalid_request',
    'The body must be one JSON object in UTF-8, sent as application/json.',
    { faults: [{ path: '', message: 'is not valid JSON' }] },
  );

/** How much JSON a body may hold, beside its bytes. */
export interface BodyBounds {
  readonly maxValues: number;
  /** How many lists and objects may stand inside each other. */
  readonly maxNesting: number;
}

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
