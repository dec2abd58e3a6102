import { createHmac } from 'node:crypto';

import { isPlaceOfKey } from './key-elsewhere.js';

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
