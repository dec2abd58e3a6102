import { createHmac } from 'node:crypto';

import { isPlaceOfKey } from './key-elsewhere.js';
import { ParsedBody } from './sent-body.js';
import type { Path } from './texts.js';

/** No deeper does the place of a key lie. */
const DEEPEST_PATH = 4;

/**
 * What tells whether two requests under one Idempotency-Key ask for the same. Keyed with that, which is kept nowhere:
 * a short text could be found from its bare hash.
 * @param body one that is no JSON is compared as it was sent.
 */
export function fingerprintOf(
  idempotencyKey: string,
  body: ParsedBody | Uint8Array,
  boundTenantId: string | null,
): Buffer {
  const hmac = createHmac('sha256', idempotencyKey);
  // A key that is bound to a tenant may be refused what another may ask for in the same words.
  hmac.update(JSON.stringify(boundTenantId));
  return body instanceof ParsedBody
    ? hmac.update(canonicalForm(body.value)).digest()
    : hmac.update('\0').update(body).digest();
}

/** A text that is the same for equal JSON values: whatever the order of names, the notation of numbers, and the caller's key. */
export function canonicalForm(body: unknown): string {
  const text: string[] = [];
  // Not recursive: a body may be nested as deeply as it likes.
  const left: (string | Nested)[] = [
    isNested(body) ? { value: body, path: [] } : JSON.stringify(body),
  ];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') text.push(next);
    else for (const part of partsOf(next).toReversed()) left.push(part);
  }
  return text.join('');
}

interface Nested {
  readonly value: object;
  readonly path: Path;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

function partsOf({ value, path }: Nested): (string | Nested)[] {
  const under = (name: string | number): Path =>
    path.length < DEEPEST_PATH ? [...path, name] : path;
  const parts: (string | Nested)[] = [];
  let plain = Array.isArray(value) ? '[' : '{';
  const add = (name: string | number, child: unknown): void => {
    if (isNested(child)) {
      parts.push(plain, { value: child, path: under(name) });
      plain = ',';
    } else {
      plain += `${JSON.stringify(child)},`;
    }
  };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) add(index, value[index]);
    return [...parts, `${plain}]`];
  }
  for (const name of Object.keys(value).toSorted()) {
    if (path.length < DEEPEST_PATH && isPlaceOfKey([...path, name])) continue;
    plain += `${JSON.stringify(name)}:`;
    add(name, (value as Record<string, unknown>)[name]);
  }
  return [...parts, `${plain}}`];
}
