import { AppError } from '@app/errors';
import type { z } from 'zod';

import { boundsFault, type BodyBounds, SINGLE_BOUNDS } from './body-bounds.js';
import { refusalOf } from './faults.js';
import { type Findings, findFaults } from './find-faults.js';
import { heldKeys } from './held-keys.js';
import type { UnknownFields } from './unknown-fields.js';
import type { Warning } from './warnings.schemas.js';

/** How a body is to be read: what its route says of it. */
export interface BodyReading {
  readonly schema: z.core.$ZodType;
  readonly bounds?: BodyBounds | undefined;
}

type Parsed = { readonly value: unknown } | { readonly refusal: AppError };

/**
 * The body of a request. Fastify hands on its bytes: they are parsed after the guards, so that a request without an Aurra
 * key hears that first, and wiped then, because they may hold a caller's key.
 */
export class SentBody {
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
