import type { AppError } from '@app/errors';
import type { BatchResult } from '@app/memory';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac, randomUUID } from 'node:crypto';

import { refusalOf } from '../body/faults.js';
import { isPlaceOfKey } from '../body/misplaced-keys.js';

/** The ids of what a call makes. Under an Idempotency-Key they were kept before it began, so that made twice it is there once. */
export interface Reservation {
  /** The id of its write; those of a batch derive from it. */
  readonly writeId: string;
  /** An earlier call under these ids may have made some of it, and nobody answered that. */
  readonly resumed: boolean;
  /** To be set by a batch: what became of each item. */
  results?: readonly BatchResult[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for a call under an Idempotency-Key. */
    reservation?: Reservation;
  }
}

/** The ids under which this call is to make what it makes. */
export const Reserved = createParamDecorator(
  (_: unknown, context: ExecutionContext): Reservation => {
    const { reservation } = context.switchToHttp().getRequest<FastifyRequest>();
    return reservation ?? { writeId: randomUUID(), resumed: false };
  },
);

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/** @throws AppError for a key that is none. */
export function readIdempotencyKey(header: string | readonly string[]): string {
  const key = [header].flat().join(', ');
  if (PRINTABLE.test(key)) return key;
  throw refusedKey('must be 1 to 255 printable ASCII characters');
}

export const refusedKey = (message: string): AppError =>
  refusalOf([{ path: ['Idempotency-Key'], message }]);

/** How OpenAPI shows it. */
export const IDEMPOTENCY_KEY_HEADER = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Repeat a call safely: within 24 hours the same key with the same body (`llm.key` aside) answers what the first call answered, with `Idempotency-Replayed: true`.',
  schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
};

/** `writes[i].llm.key` is the deepest place that a key may have. */
const MAX_KEY_PATH_DEPTH = 4;

/**
 * Tells whether two requests under one Idempotency-Key ask for the same. Keyed with that Idempotency-Key, which is stored
 * nowhere: a short text could be found from its bare hash.
 * @param body the parsed body, or the bytes of one that is no JSON.
 */
export function fingerprintOf(
  idempotencyKey: string,
  body: { readonly value: unknown } | { readonly bytes: Uint8Array },
  boundTenantId: string | null,
): Buffer {
  const hmac = createHmac('sha256', idempotencyKey);
  // A key that is bound to a tenant may be refused what another may ask for in the same words.
  hmac.update(JSON.stringify(boundTenantId));
  return 'value' in body
    ? hmac.update(canonicalForm(body.value)).digest()
    : hmac.update('\0').update(body.bytes).digest();
}

/**
 * A text that is the same for equal JSON values: whatever the order of names, the notation of numbers, and the caller's
 * key. Recursive: the bounds of a body bound its nesting too.
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

const isKeyName = (name: string): boolean => name === 'key' || name === 'api_key';
