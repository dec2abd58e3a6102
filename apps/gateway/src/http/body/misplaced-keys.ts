import { requestContext } from '@app/observability';
import { randomUUID } from 'node:crypto';

import { type Fault, pointerOf, refusalOf } from './faults.js';
import { KeySearch } from './key-search.js';
import { type Path, placeOf, visitTexts } from './texts.js';

/** @throws AppError for a request that holds its own `llm` key in another place than the one for it. */
export function refuseMisplacedKeys(body: unknown): void {
  const misplaced = [...keyElsewhere(body), ...keysInHeaders(body)];
  if (misplaced.length > 0) throw refusalOf(misplaced);
}

/**
 * The headers that are logged, echoed or handed to the workers: one that holds a part of a key is dropped, and the
 * request refused.
 */
function keysInHeaders(body: unknown): readonly { path: Path; message: string }[] {
  const context = requestContext.get();
  const keys = longKeysHeldBy(body);
  if (!context || keys.length === 0) return [];
  const named: string[] = [];
  if (holdsPartOf(keys, context.requestId)) {
    context.requestId = randomUUID();
    named.push('X-Request-Id');
  }
  if (context.traceparent !== undefined && holdsPartOf(keys, context.traceparent)) {
    context.traceparent = undefined;
    named.push('traceparent');
  }
  return named.map((name) => ({
    path: [name],
    message: 'holds the llm key, or a part of it. The key may stand in llm.key alone',
  }));
}

/** Shorter ones occur in ordinary text by chance. */
const MIN_KEY_CHARACTERS = 12;
/** As many as a refusal names. Each costs a look at all the names that lead to it. */
const MAX_HITS = 100;

/**
 * The places of a body that hold a key of its own `llm`, or of one of its writes' in a batch, besides the places for it:
 * what is stored or echoed from there could not be told from a leak. A property's name is reported as the object that
 * has it. Fields that no schema knows are searched as well: a key in one of them was meant for another place.
 */
export function keyElsewhere(body: unknown): readonly Fault[] {
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
    // A path that leads through the key itself must not be said.
    const safe = path.slice(0, firstTainted(path, keys));
    const place = pointerOf(safe);
    if (tainted.has(place)) return;
    tainted.add(place);
    const message = isName
      ? 'has a property whose name holds the llm key. The key may stand in llm.key alone'
      : 'holds the llm key. The key may stand in llm.key alone';
    faults.push({ path: safe, message });
  });
  return faults;
}

/** Does this text, from outside the body, hold a key of the body's? */
export function holdsKeyOf(body: unknown, text: string): boolean {
  return keysOf(body).areIn(text);
}

/** `/llm/key`, and in a batch `/writes/3/llm/key`; under either of its names. */
export function isPlaceOfKey(path: Path): boolean {
  const isInWrite = path[0] === 'writes';
  if (path.length !== (isInWrite ? 4 : 2)) return false;
  const [first, second] = isInWrite ? path.slice(2) : path;
  return first === 'llm' && (second === 'key' || second === 'api_key');
}

function firstTainted(path: Path, keys: KeySearch): number {
  const index = path.findIndex((step) => keys.areIn(String(step)));
  return index === -1 ? path.length : index;
}

const keysOf = (body: unknown): KeySearch => new KeySearch(longKeysHeldBy(body));

/** The keys of a body that are too long to stand in ordinary text by chance. */
export const longKeysHeldBy = (body: unknown): readonly string[] =>
  keysHeldBy(body).filter((key) => key.length >= MIN_KEY_CHARACTERS);

/** The texts of every `llm.key` in a body: its own, and those of its writes in a batch. */
export function keysHeldBy(body: unknown): readonly string[] {
  const { llm, writes } = (body ?? {}) as { readonly llm?: unknown; readonly writes?: unknown };
  const ofWrites = Array.isArray(writes)
    ? writes.map((write: unknown) => (write as { readonly llm?: unknown } | null)?.llm)
    : [];
  return [llm, ...ofWrites].flatMap(keysIn);
}

/** Whether a name holds any of them. Also a short key counts here: a name that is not repeated costs nothing. */
export function heldKeys(body: unknown): (name: string) => boolean {
  let keys: readonly string[] | undefined;
  return (name) => (keys ??= keysHeldBy(body)).some((key) => name.includes(key));
}

/** The key under either of its names; a trailing line break is no part of it. */
function keysIn(llm: unknown): readonly string[] {
  const { key, api_key: other } = (llm ?? {}) as {
    readonly key?: unknown;
    readonly api_key?: unknown;
  };
  return [key, other].flatMap((text) => {
    const bare = typeof text === 'string' ? text.trim() : '';
    return bare === '' ? [] : [bare];
  });
}

/** So much of a key is a part of it; less occurs by chance. The scrubber of the workers has the same measure. */
const PART_CHARACTERS = 12;

/**
 * Whether a header shares twelve characters in a row with any of these keys, in capitals or not: a trace id is written in
 * small ones.
 * @param text a short one: all its parts are looked up at each place of each key.
 */
export function holdsPartOf(keys: readonly string[], text: string): boolean {
  const parts = new Set(partsOf(text.toLowerCase()));
  if (parts.size === 0) return false;
  // Most places of a key begin no part: two characters tell, without a copy.
  const beginnings = new Set([...parts].map((part) => beginningAt(part, 0)));
  return keys.some((key) => {
    const folded = key.toLowerCase();
    for (let at = 0; at + PART_CHARACTERS <= folded.length; at += 1) {
      if (!beginnings.has(beginningAt(folded, at))) continue;
      if (parts.has(folded.slice(at, at + PART_CHARACTERS))) return true;
    }
    return false;
  });
}

function* partsOf(text: string): Generator<string> {
  for (let at = 0; at + PART_CHARACTERS <= text.length; at += 1)
    yield text.slice(at, at + PART_CHARACTERS);
}

const beginningAt = (text: string, at: number): number =>
  text.charCodeAt(at) * 0x1_00_00 + text.charCodeAt(at + 1);
