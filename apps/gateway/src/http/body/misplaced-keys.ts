import { LLM_SECRET_FIELDS, MIN_KEY_CHARACTERS } from '@app/caller-keys';
import { requestContext } from '@app/observability';
import { randomUUID } from 'node:crypto';

import { type Fault, pointerOf, refusalOf } from './faults.js';
import { KeySearch } from './key-search.js';
import { type Path, placeOf, visitTexts } from './texts.js';

/** @throws AppError if a request contains its own `llm` key anywhere but in `llm.key`. */
export function refuseMisplacedKeys(body: unknown): void {
  const misplaced = [...findMisplacedKeys(body), ...dropHeadersWithKeys(body)];
  if (misplaced.length > 0) throw refusalOf(misplaced);
}

/**
 * Drops each header that is logged, echoed or sent to the workers if it contains a part of a key.
 * @returns a fault for each dropped header.
 */
function dropHeadersWithKeys(body: unknown): readonly { path: Path; message: string }[] {
  const context = requestContext.get();
  const keys = longKeysHeldBy(body);
  if (!context || keys.length === 0) return [];
  const headers: string[] = [];
  if (holdsPartOf(keys, context.requestId)) {
    context.requestId = randomUUID();
    headers.push('X-Request-Id');
  }
  if (context.traceparent !== undefined && holdsPartOf(keys, context.traceparent)) {
    context.traceparent = undefined;
    headers.push('traceparent');
  }
  return headers.map((name) => ({
    path: [name],
    message: 'holds the llm key, or a part of it. Send the key in llm.key only',
  }));
}

/** The most faults that one error lists. Each costs a search in every name of its path. */
const MAX_HITS = 100;

/**
 * Finds the places of a body that contain a key of its own `llm`, or of the `llm` of a write in a batch. Such a text would
 * be stored or echoed, and the key would leak. Unknown fields are searched too. A property name has the path of its object.
 */
export function findMisplacedKeys(body: unknown): readonly Fault[] {
  const keys = keysOf(body);
  if (keys.isEmpty) return [];
  const faults: Fault[] = [];
  const tainted = new Set<string>();
  let hits = 0;
  visitTexts(body, (text, isName, at, step) => {
    if (hits >= MAX_HITS || !keys.areIn(text)) return;
    const path = placeOf(isName, at, step);
    if (!isName && isPlaceOfKey(path)) return;
    hits += 1;
    // The path may itself contain the key: end it there.
    const safe = path.slice(0, firstTainted(path, keys));
    const place = pointerOf(safe);
    if (tainted.has(place)) return;
    tainted.add(place);
    const message = isName
      ? 'has a property whose name holds the llm key. Send the key in llm.key only'
      : 'holds the llm key. Send the key in llm.key only';
    faults.push({ path: safe, message });
  });
  return faults;
}

/** Whether a text from outside the body, such as a header, contains a key of the body. */
export function holdsKeyOf(text: string, body: unknown): boolean {
  return keysOf(body).areIn(text);
}

/** Whether a path leads to a secret field of `llm`: `/llm/key` or `/llm/api_key`, and in a batch `/writes/3/llm/key`. */
export function isPlaceOfKey(path: Path): boolean {
  const isInWrite = path[0] === 'writes';
  if (path.length !== (isInWrite ? 4 : 2)) return false;
  const [first, second] = isInWrite ? path.slice(2) : path;
  return first === 'llm' && LLM_SECRET_FIELDS.includes(String(second));
}

function firstTainted(path: Path, keys: KeySearch): number {
  const index = path.findIndex((step) => keys.areIn(String(step)));
  return index === -1 ? path.length : index;
}

const keysOf = (body: unknown): KeySearch => new KeySearch(longKeysHeldBy(body));

/** The keys of a body that are too long to occur in ordinary text by chance. */
export const longKeysHeldBy = (body: unknown): readonly string[] =>
  keysHeldBy(body).filter((key) => key.length >= MIN_KEY_CHARACTERS);

/** The text of every secret field of `llm` in a body: of its own `llm`, and of those of the writes in a batch. */
export function keysHeldBy(body: unknown): readonly string[] {
  const { llm, writes } = (body ?? {}) as { readonly llm?: unknown; readonly writes?: unknown };
  const ofWrites = Array.isArray(writes)
    ? writes.map((write: unknown) => (write as { readonly llm?: unknown } | null)?.llm)
    : [];
  return [llm, ...ofWrites].flatMap(keysIn);
}

/** Makes a check whether a name contains any key of the body. Short keys count too: not quoting a name costs nothing. */
export function makeKeyCheck(body: unknown): (name: string) => boolean {
  let keys: readonly string[] | undefined;
  return (name) => (keys ??= keysHeldBy(body)).some((key) => name.includes(key));
}

/** The text of each secret field, without white space around it. */
function keysIn(llm: unknown): readonly string[] {
  const fields = (llm ?? {}) as Readonly<Record<string, unknown>>;
  return LLM_SECRET_FIELDS.flatMap((name) => {
    const text = fields[name];
    const bare = typeof text === 'string' ? text.trim() : '';
    return bare === '' ? [] : [bare];
  });
}

/**
 * Whether a header shares MIN_KEY_CHARACTERS in a row with any of these keys. Case is ignored: a trace id is in lower case.
 * @param text must be short: its parts are looked up at each index of each key.
 */
export function holdsPartOf(keys: readonly string[], text: string): boolean {
  const parts = new Set(partsOf(text.toLowerCase()));
  if (parts.size === 0) return false;
  // Two characters rule out most indexes of a key without copying a part of it.
  const beginnings = new Set([...parts].map((part) => beginningAt(part, 0)));
  return keys.some((key) => {
    const folded = key.toLowerCase();
    for (let at = 0; at + MIN_KEY_CHARACTERS <= folded.length; at += 1) {
      if (!beginnings.has(beginningAt(folded, at))) continue;
      if (parts.has(folded.slice(at, at + MIN_KEY_CHARACTERS))) return true;
    }
    return false;
  });
}

function* partsOf(text: string): Generator<string> {
  for (let at = 0; at + MIN_KEY_CHARACTERS <= text.length; at += 1)
    yield text.slice(at, at + MIN_KEY_CHARACTERS);
}

const beginningAt = (text: string, at: number): number =>
  text.charCodeAt(at) * 0x1_00_00 + text.charCodeAt(at + 1);
