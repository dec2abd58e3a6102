import { MIN_KEY_CHARACTERS } from '@app/caller-keys';

import { foldedText, keyCharactersOf } from './key-characters.js';

/** Finds in a text each run of `size` characters that occurs in one of the given forms of a secret. */
export class WindowSet {
  readonly #windows = new Set<string>();
  /** A hash of three characters of each window, so that most positions of a text are skipped without copying them. */
  readonly #hashes = new Uint8Array(0x4000);

  constructor(
    forms: Iterable<string>,
    readonly size: number,
  ) {
    for (const form of new Set(forms)) {
      for (let at = 0; at + size <= form.length; at += 1) {
        this.#windows.add(form.slice(at, at + size));
        this.#hashes[this.#hashAt(form, at)] = 1;
      }
    }
  }

  /** @param found called with the position of the first character of each window, in order */
  search(text: string, found: (at: number) => void): void {
    const last = text.length - this.size;
    for (let at = 0; at <= last; at += 1) {
      if (this.#hashes[this.#hashAt(text, at)] === 0) continue;
      if (this.#windows.has(text.slice(at, at + this.size))) found(at);
    }
  }

  #hashAt(text: string, at: number): number {
    const middle = text.charCodeAt(at + (this.size >> 1));
    const hash = (text.charCodeAt(at) * 31 + middle) * 31 + text.charCodeAt(at + this.size - 1);
    return hash & 0x3fff;
  }
}

/**
 * Folding removes the spaces of a key. If fewer characters than this are left, they occur in ordinary text and are not
 * searched for.
 */
const MIN_FOLDED_CHARACTERS = 8;

/** A part of a text, from its first character to the one after its last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The parts of a key in a text, and the position up to which following text cannot add another part. */
export interface FoundKey {
  readonly ranges: readonly Range[];
  readonly settledTo: number;
}

/** Finds every part of one key in a text, in each encoding in which a provider may return it. */
export class KeySearch {
  readonly #asWritten: WindowSet;
  readonly #folded: WindowSet | undefined;

  constructor(secret: string) {
    const base64 = base64Of(secret);
    const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
    this.#asWritten = new WindowSet([...plain, ...base64], MIN_KEY_CHARACTERS);
    const bare = foldedText(secret);
    const size = Math.min(MIN_KEY_CHARACTERS, bare.length);
    // The key itself may hold characters that look like an escape, so it is searched for both as written and as read.
    const read = [bare, keyCharactersOf(secret).characters, ...base64.map(foldedText)];
    this.#folded = size < MIN_FOLDED_CHARACTERS ? undefined : new WindowSet(read, size);
  }

  /** @param isWhole false: more text may follow */
  find(text: string, isWhole = true): FoundKey {
    const ranges: Range[] = [];
    this.#asWritten.search(text, (at) => ranges.push({ start: at, end: at + MIN_KEY_CHARACTERS }));
    const read = keyCharactersOf(text, isWhole);
    const { characters, starts, ends } = read;
    this.#folded?.search(characters, (at) => {
      const last = at + (this.#folded?.size ?? 0) - 1;
      ranges.push({ start: starts[at] ?? 0, end: ends[last] ?? 0 });
    });
    return {
      ranges: merged(ranges),
      settledTo: starts[characters.length - (MIN_KEY_CHARACTERS - 1)] ?? 0,
    };
  }
}

/** Joins ranges that overlap. Ranges that only touch stay apart. */
function merged(ranges: Range[]): Range[] {
  const apart: Range[] = [];
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = apart.at(-1);
    if (last === undefined || range.start >= last.end) apart.push(range);
    else if (range.end > last.end) apart[apart.length - 1] = { start: last.start, end: range.end };
  }
  return apart;
}

/** Base64 in both alphabets, for each number of bytes (0 to 2) before the key in its group of three. */
function base64Of(secret: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from(' '.repeat(shift) + secret).toString('base64');
    // The first characters also encode the bytes before the key.
    const form = encoded.slice(Math.ceil((shift * 8) / 6));
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
