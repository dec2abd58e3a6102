import { MIN_KEY_CHARACTERS } from '@app/caller-keys';

/** Up to this many keys are searched one by one with `String.includes`. */
const FEW = 4;
/**
 * The searched length of a key: enough to tell two keys of one vendor apart. Searching for 8 KiB with `String.includes`
 * is thirty times slower in a text that repeats most of the key.
 */
const MAX_NEEDLE_CHARACTERS = 32;
/** A key is printable ASCII; every other character ends a match. */
const ALPHABET = 0x80;
const START = 0;

/**
 * Searches a text for the beginning of any of several keys. A hostile batch may have a thousand keys and 16 MiB of similar
 * text, so many keys are searched at once, with one step per character (Aho and Corasick, 1975).
 */
export class KeySearch {
  readonly #needles: readonly string[];
  /** The next state for each state and character; undefined if there are few keys. */
  readonly #next: Int32Array | undefined;
  readonly #isEnd: Uint8Array = new Uint8Array();

  /** @param keys a key is left out if it is shorter than twelve characters or its searched part is not printable ASCII. */
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

/** A shorter key occurs in ordinary text by chance. The schema of `llm` refuses a key that is not printable ASCII. */
const isSearched = (key: string): boolean =>
  key.length >= MIN_KEY_CHARACTERS && /^[\x20-\x7e]*$/.test(key.slice(0, MAX_NEEDLE_CHARACTERS));

/** Builds the tree of the needles, with a next state for every character. */
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

/** Fills each missing step, level by level, with the step of the longest suffix that begins a needle. */
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
