import { LLM_SECRET_FIELDS } from '@app/caller-keys';
import type { AppError } from '@app/errors';
import type { BatchResult } from '@app/memory';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

import { refusalOf } from '../body/faults.js';
import { isPlaceOfKey } from '../body/misplaced-keys.js';

/** The ids for the rows of a call. Under an Idempotency-Key they are stored before the call runs, so that a second run makes no second row. */
export interface Reservation {
  /** The id of the write. The ids of a batch's writes derive from it. */
  readonly writeId: string;
  /** An earlier, unanswered call under these ids may have stored some of the rows. */
  readonly resumed: boolean;
  /** Set by a batch: the result of each item. */
  results?: readonly BatchResult[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for a request with an Idempotency-Key. */
    reservation?: Reservation;
  }
}

/** Injects the ids for the rows of this call. */
export const Reserved = createParamDecorator(
  (_: unknown, context: ExecutionContext): Reservation => {
    const { reservation } = context.switchToHttp().getRequest<FastifyRequest>();
    return reservation ?? { writeId: uuidv7(), resumed: false };
  },
);

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/** @throws AppError for a malformed Idempotency-Key. */
export function readIdempotencyKey(header: string | readonly string[]): string {
  const key = [header].flat().join(', ');
  if (PRINTABLE.test(key)) return key;
  throw invalidIdempotencyKey('must be 1 to 255 printable ASCII characters');
}

export const invalidIdempotencyKey = (message: string): AppError =>
  refusalOf([{ path: ['Idempotency-Key'], message }]);

/** The header in OpenAPI. */
export const IDEMPOTENCY_KEY_HEADER = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Repeat a call safely: within 24 hours the same key with the same body (`llm.key` aside) answers what the first call answered, with `Idempotency-Replayed: true`.',
  schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
};

/** `writes[i].llm.key` is the deepest place a key may have. */
const MAX_KEY_PATH_DEPTH = 4;

/**
 * Two requests under one Idempotency-Key are the same if their fingerprints are equal. A fingerprint is an HMAC with the
 * Idempotency-Key, which is not stored: the text of a short body could be guessed from a plain hash.
 * @param body the parsed body, or the bytes of invalid JSON.
 */
export function fingerprintOf(
  idempotencyKey: string,
  body: { readonly value: unknown } | { readonly bytes: Uint8Array },
  boundTenantId: string | null,
): Buffer {
  const hmac = createHmac('sha256', idempotencyKey);
  // The same body may be refused for an API key that is bound to a tenant.
  hmac.update(JSON.stringify(boundTenantId));
  return 'value' in body
    ? hmac.update(canonicalForm(body.value)).digest()
    : hmac.update('\0').update(body.bytes).digest();
}

/**
 * The same text for equal JSON values, whatever the order of names and the notation of numbers. The caller's key is left
 * out. Recursion is safe, because the nesting of a body is limited.
 */
export function canonicalForm(body: unknown): string {
  return formOf(body, []);
}

/** Every item and every property ends with a comma. */
function formOf(value: unknown, path: (string | number)[]): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    let form = '[';
    for (let index = 0; index < value.length; index += 1)
      form += `${formUnder(value[index], index, path)},`;
    return `${form}]`;
  }
  let form = '{';
  for (const name of Object.keys(value).toSorted()) {
    if (isKeyName(name) && path.length < MAX_KEY_PATH_DEPTH && isPlaceOfKey([...path, name]))
      continue;
    const child = (value as Record<string, unknown>)[name];
    form += `${JSON.stringify(name)}:${formUnder(child, name, path)},`;
  }
  return `${form}}`;
}

function formUnder(child: unknown, step: string | number, path: (string | number)[]): string {
  if (typeof child === 'number' || typeof child === 'boolean') return String(child);
  if (typeof child !== 'object' || child === null) return JSON.stringify(child);
  path.push(step);
  const form = formOf(child, path);
  path.pop();
  return form;
}

const isKeyName = (name: string): boolean => LLM_SECRET_FIELDS.includes(name);
