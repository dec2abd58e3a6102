import { foldedText } from './folded-character.js';
import { keyCharactersOf } from './key-characters.js';
import { WindowSet } from './window-set.js';

/** So many characters in a row are a part of a key that may not be shown. */
export const WINDOW = 12;
/** A key of words has few characters beside its spaces: too few of them occur in ordinary text. */
const FEWEST_CHARACTERS = 8;

/** A part of a text, from its first character to the one after its last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a search found in a text, and how much of it can no longer become part of a key by what follows. */
export interface FoundKey {
  readonly ranges: readonly Range[];
  readonly settledTo: number;
}

/** Finds every part of one key in a text, in each form that the key may come back in. */
export class KeySearch {
  readonly #asWritten: WindowSet;
  readonly #seenThrough: WindowSet | undefined;

  constructor(secret: string) {
    const base64 = base64Of(secret);
    const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
    this.#asWritten = new WindowSet([...plain, ...base64], WINDOW);
    const bare = foldedText(secret);
    const size = Math.min(WINDOW, bare.length);
    // The key itself may hold what looks like an escape: it is searched for as it is, and as it is read.
    const read = [bare, keyCharactersOf(secret).characters, ...base64.map(foldedText)];
    this.#seenThrough = size < FEWEST_CHARACTERS ? undefined : new WindowSet(read, size);
  }

  /** @param isWhole false: more of the text follows. */
  find(text: string, isWhole = true): FoundKey {
    const ranges: Range[] = [];
    this.#asWritten.search(text, (at) => ranges.push({ start: at, end: at + WINDOW }));
    const read = keyCharactersOf(text, isWhole);
    const { characters, starts, ends } = read;
    this.#seenThrough?.search(characters, (at) => {
      const last = at + (this.#seenThrough?.size ?? 0) - 1;
      ranges.push({ start: starts[at] ?? 0, end: ends[last] ?? 0 });
    });
    return {
      ranges: merged(ranges),
      settledTo: starts[characters.length - (WINDOW - 1)] ?? 0,
    };
  }
}

/** Ranges that overlap are one; those that only touch are two. */
function merged(ranges: Range[]): Range[] {
  const apart: Range[] = [];
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = apart.at(-1);
    if (last === undefined || range.start >= last.end) apart.push(range);
    else if (range.end > last.end) apart[apart.length - 1] = { start: last.start, end: range.end };
  }
  return apart;
}

/** Base64 in both alphabets, whatever stood before the key: one, two or no bytes of a group of three. */
function base64Of(secret: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from(' '.repeat(shift) + secret).toString('base64');
    // What stands before the key has a part in its first characters.
    const form = encoded.slice(Math.ceil((shift * 8) / 6));
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
