import { KeySearch } from './key-search.js';
import { MAX_DEPTH, type Path, textsOf } from './texts.js';

/** Shorter ones occur in ordinary text by chance. */
const MIN_KEY_CHARACTERS = 12;

/**
 * The places of a body that hold a key of its own `llm`, or of one of its writes' in a batch, besides the places for it:
 * what is stored or echoed from there could not be told from a leak. A property's name is reported as the object that
 * has it.
 */
export function keyElsewhere(body: unknown): readonly { path: Path; message: string }[] {
  const keys = keysOf(body);
  if (keys.isEmpty) return [];
  const faults: { path: Path; message: string }[] = [];
  const tainted = new Set<string>();
  for (const { path, text, isName } of textsOf(body, isNotSearched)) {
    if (!keys.areIn(text)) continue;
    // A path that leads through the key itself must not be said.
    const safe = path.slice(0, firstTainted(path, keys));
    const place = JSON.stringify(safe);
    if (tainted.has(place)) continue;
    tainted.add(place);
    const message = isName
      ? 'has a property whose name holds the llm key. The key may stand in llm.key alone'
      : 'holds the llm key. The key may stand in llm.key alone';
    faults.push({ path: safe, message });
  }
  return faults;
}

/** Does this text, from outside the body, hold a key of the body's? */
export function holdsKeyOf(body: unknown, text: string): boolean {
  return keysOf(body).areIn(text);
}

/** `/llm/key`, and in a batch `/writes/3/llm/key`; under either of its names. */
export function isPlaceOfKey(path: Path): boolean {
  const [first, second] = path[0] === 'writes' ? path.slice(2) : path;
  const depth = path[0] === 'writes' ? 4 : 2;
  return path.length === depth && first === 'llm' && (second === 'key' || second === 'api_key');
}

/** What lies deeper, in a body or in a write of a batch, is refused unseen. */
const isNotSearched = (path: Path): boolean => isPlaceOfKey(path) || path.length > MAX_DEPTH + 2;

function firstTainted(path: Path, keys: KeySearch): number {
  const index = path.findIndex((step) => keys.areIn(String(step)));
  return index === -1 ? path.length : index;
}

const keysOf = (body: unknown): KeySearch => new KeySearch(callerKeysIn(body));

/** The keys that a body holds in the places for them, but for short ones. */
export function callerKeysIn(body: unknown): readonly string[] {
  const { llm, writes } = (body ?? {}) as { readonly llm?: unknown; readonly writes?: unknown };
  const ofWrites = Array.isArray(writes)
    ? writes.map((write: unknown) => (write as { readonly llm?: unknown } | null)?.llm)
    : [];
  return [llm, ...ofWrites].flatMap(keysIn);
}

/** The key under either of its names; a trailing line break is no part of it. */
function keysIn(llm: unknown): readonly string[] {
  const { key, api_key: other } = (llm ?? {}) as {
    readonly key?: unknown;
    readonly api_key?: unknown;
  };
  return [key, other].flatMap((text) => {
    const bare = typeof text === 'string' ? text.trim() : '';
    return bare.length >= MIN_KEY_CHARACTERS ? [bare] : [];
  });
}
