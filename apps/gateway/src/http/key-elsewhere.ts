import type { Fault } from './faults.js';
import { keysHeldBy } from './held-keys.js';
import { KeySearch } from './key-search.js';
import { pointerOf } from './pointer.js';
import { type Path, placeOf, visitTexts } from './texts.js';

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

const keysOf = (body: unknown): KeySearch => new KeySearch(callerKeysIn(body));

/** The keys that a body holds in the places for them, but for short ones. */
export const callerKeysIn = (body: unknown): readonly string[] =>
  keysHeldBy(body).filter((key) => key.length >= MIN_KEY_CHARACTERS);
