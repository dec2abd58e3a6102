import { AppError } from '@app/errors';
import type { z } from 'zod';

import type { Warning } from '../warnings.js';
import { refusalOf } from './faults.js';
import { findFaults, type Findings } from './find-faults.js';
import { makeKeyCheck } from './misplaced-keys.js';
import { MAX_DEPTH } from './texts.js';
import type { UnknownFields } from './unknown-fields.js';

/** How the route of a request reads its body. */
export interface BodyReading {
  readonly schema: z.core.$ZodType;
  readonly bounds?: BodyBounds | undefined;
  /** The handler's parameter has a `BodyReader`, which reads the body instead of the schema. */
  readonly hasOwnReader?: boolean;
}

type Parsed = { readonly value: unknown } | { readonly refusal: AppError };

/**
 * The body of a request. It is parsed on first use, and its bytes are then wiped, because they may contain a caller's key.
 * Parsing runs after the guards, so that a request without an Aurra key is refused first.
 */
export class RequestBody {
  readonly #bytes: Buffer | undefined;
  readonly #reading: BodyReading;
  #parsed: Parsed | undefined;
  #findings: Findings | undefined;
  #warnings: readonly Warning[] | undefined;

  /**
   * @param sent the bytes that Fastify read; anything else counts as no body.
   * @param isStrict whether the request asks to be refused for unknown fields.
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

  /** The parsed body. Without a body it is an empty object, so that the error names the required fields. @throws AppError `invalid_request` */
  get value(): unknown {
    const parsed = this.#parse();
    if ('refusal' in parsed) throw parsed.refusal;
    return parsed.value;
  }

  /** For the idempotency fingerprint: the parsed body, or the bytes of a body that cannot be parsed. */
  get compared(): { readonly value: unknown } | { readonly bytes: Uint8Array } {
    const parsed = this.#parse();
    return 'value' in parsed ? parsed : { bytes: this.#bytes ?? new Uint8Array() };
  }

  /** Whether a name contains a key of the body's `llm`. A body that cannot be parsed has no keys. */
  holdsKey(name: string): boolean {
    const parsed = this.#parse();
    return 'value' in parsed && makeKeyCheck(parsed.value)(name);
  }

  /** Faults and unknown fields that the schema does not check. @throws AppError `invalid_request` */
  get findings(): Findings {
    const { value } = this;
    return (this.#findings ??= findFaults(value, this.#reading.schema, makeKeyCheck(value)));
  }

  /**
   * Drops the parsed body after the handler's input was read: it may contain a caller's key, and the request may wait long
   * for its job.
   * @param unknown the fields that the response warns of.
   */
  close(unknown: UnknownFields): void {
    this.#warnings = unknown.warnings();
    this.#parsed = { value: undefined };
    this.#findings = undefined;
  }

  /** The warnings of the response. A replayed response computes them here, because no pipe has read its body. */
  warnings(): readonly Warning[] {
    if (this.#warnings) return this.#warnings;
    return 'refusal' in this.#parse() ? [] : this.findings.unknown.warnings();
  }

  /** Overwrites the bytes of a body that was not parsed. */
  wipe(): void {
    this.#bytes?.fill(0);
  }

  #parse(): Parsed {
    if (this.#parsed) return this.#parsed;
    const bytes = this.#bytes;
    // Fastify read no body, or an empty one.
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

/** Without the option `stream` it keeps nothing of a body. */
const decoder = new TextDecoder('utf-8', { fatal: true });

const parseJson = (bytes: Buffer): unknown => JSON.parse(decoder.decode(bytes));

const malformed = (): AppError =>
  new AppError(
    'invalid_request',
    'The body must be one JSON object in UTF-8, sent as application/json.',
    { faults: [{ path: '', message: 'is not valid JSON' }] },
  );

/** Limits of a JSON body besides its size in bytes. */
export interface BodyBounds {
  readonly maxValues: number;
  /** How deep lists and objects may be nested. */
  readonly maxNesting: number;
}

/** A value costs far more memory and time than its bytes: the three bytes of `[],` become an object. */
export const SINGLE_BOUNDS: BodyBounds = { maxValues: 100_000, maxNesting: MAX_DEPTH + 1 };

/** A batch refuses a too deeply nested item by itself, so the whole batch may be nested deeper than an item. */
export const BATCH_BOUNDS: BodyBounds = { maxValues: 1_000_000, maxNesting: 1_000 };

/** More names than metadata of 8 KiB can have. A larger object becomes a hash table, which costs microseconds per name. */
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
 * Counts the values of a body in its bytes, before it is parsed. Every value follows a comma or an opening bracket, so an
 * empty list counts twice. The result for invalid JSON has no meaning: the parser refuses it.
 * @returns the message of a fault; undefined if the body is within its bounds.
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

/** @returns the index of the closing quote of the string that begins at `start`. */
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
