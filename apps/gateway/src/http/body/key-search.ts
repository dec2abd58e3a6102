/** Up to so many keys are looked for one after the other, by the engine's own search. */
const FEW = 4;
/** No key that is looked for is shorter. */
const MIN_KEY_CHARACTERS = 12;
/**
 * So much of the beginning of a key is looked for: enough to tell two keys of one vendor apart. The engine's search for a
 * needle of 8 KiB costs thirty times as much for a text that repeats most of it.
 */
const MAX_NEEDLE_CHARACTERS = 32;
/** A key is printable ASCII; every other character ends a match. */
const ALPHABET = 0x80;
const START = 0;

/**
 * Looks for the beginnings of any of several keys. A batch may bring a thousand of them and 16 MiB of text, each chosen to
 * look like the other: many keys are searched for at once, in one step for each character (Aho and Corasick, 1975).
 */
export class KeySearch {
  readonly #needles: readonly string[];
  /** For each state and character the next state; undefined where there are few needles. */
  readonly #next: Int32Array | undefined;
  readonly #isEnd: Uint8Array = new Uint8Array();

  /** @param keys of twelve printable ASCII characters or more; others are left out. */
  constructor(keys: readonly string[]) {
    this.#needles = [
      ...new Set(keys.filter(isSearched).map((key) => key.slice(0, MAX_NEEDLE_CHARACTERS))),
    ];
    if (this.#needles.length <= FEW) return;
    const { next, isEnd } = automatonOf(this.#needles);
    this.#next = next;
    this.#isEnd = isEnd;
  }

  get isEmpty(): boolean {
    return this.#needles.length === 0;
  }

  areIn(text: string): boolean {
    if (text.length < MIN_KEY_CHARACTERS) return false;
    const next = this.#next;
    if (!next) return this.#needles.some((needle) => text.includes(needle));
    let state = START;
    for (let at = 0; at < text.length; at += 1) {
      const character = text.charCodeAt(at);
      state = character < ALPHABET ? next[state * ALPHABET + character]! : START;
      if (this.#isEnd[state] === 1) return true;
    }
    return false;
  }
}

/** Any other text is no key: the schema of `llm` refuses it. */
const isSearched = (key: string): boolean =>
  key.length >= MIN_KEY_CHARACTERS && /^[\x20-\x7e]*$/.test(key.slice(0, MAX_NEEDLE_CHARACTERS));

/** The needles as a tree, in which each state also knows where to go on with a character that none of its own needles has. */
function automatonOf(needles: readonly string[]): {
  readonly next: Int32Array;
  readonly isEnd: Uint8Array;
} {
  const maxStates = 1 + needles.reduce((sum, { length }) => sum + length, 0);
  const next = new Int32Array(maxStates * ALPHABET);
  const isEnd = new Uint8Array(maxStates);
  let count = 1;
  for (const needle of needles) {
    let state = START;
    for (let at = 0; at < needle.length; at += 1) {
      const place = state * ALPHABET + needle.charCodeAt(at);
      if (next[place] === START) {
        next[place] = count;
        count += 1;
      }
      state = next[place]!;
    }
    isEnd[state] = 1;
  }
  fallBack(next, isEnd, count);
  return { next, isEnd };
}

/** Fills, level by level, each missing step with that of the longest other beginning that the text so far ends with. */
function fallBack(next: Int32Array, isEnd: Uint8Array, count: number): void {
  const fallsTo = new Int32Array(count);
  const queue = new Int32Array(count);
  let queued = 0;
  for (let character = 0; character < ALPHABET; character += 1) {
    const state = next[character]!;
    if (state !== START) queue[queued++] = state;
  }
  for (let at = 0; at < queued; at += 1) {
    const state = queue[at]!;
    const other = fallsTo[state]!;
    if (isEnd[other] === 1) isEnd[state] = 1;
    for (let character = 0; character < ALPHABET; character += 1) {
      const place = state * ALPHABET + character;
      const onward = next[other * ALPHABET + character]!;
      if (next[place] === START) {
        next[place] = onward;
      } else {
        fallsTo[next[place]!] = onward;
        queue[queued++] = next[place]!;
      }
    }
  }
}
