import { type Path, textsOf } from './texts.js';

/** Shorter ones occur in ordinary text by chance. */
const MIN_KEY_CHARACTERS = 12;

/**
 * The places of a body that hold its own `llm` key, besides the place for it: what is stored or echoed from there could
 * not be told from a leak. A property's name is reported as the object that has it.
 */
export function keyElsewhere(body: unknown): readonly { path: Path; message: string }[] {
  const keys = keysOf(body);
  if (keys.length === 0) return [];
  const faults: { path: Path; message: string }[] = [];
  const tainted = new Set<string>();
  for (const { path, text, isName } of textsOf(body, isPlaceOfKey)) {
    if (!keys.some((key) => text.includes(key))) continue;
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

/** Does this text, from outside the body, hold the body's key? */
export function holdsKeyOf(body: unknown, text: string): boolean {
  return keysOf(body).some((key) => text.includes(key));
}

function firstTainted(path: Path, keys: readonly string[]): number {
  const index = path.findIndex((step) => keys.some((key) => String(step).includes(key)));
  return index === -1 ? path.length : index;
}

/** The key under either of its names; a trailing line break is no part of it. */
function keysOf(body: unknown): readonly string[] {
  const llm: unknown = (body as { readonly llm?: unknown } | null | undefined)?.llm;
  const { key, api_key: other } = (llm ?? {}) as {
    readonly key?: unknown;
    readonly api_key?: unknown;
  };
  return [key, other].flatMap((text) => {
    const bare = typeof text === 'string' ? text.trim() : '';
    return bare.length >= MIN_KEY_CHARACTERS ? [bare] : [];
  });
}

const isPlaceOfKey = (path: Path): boolean =>
  path.length === 2 && path[0] === 'llm' && (path[1] === 'key' || path[1] === 'api_key');
