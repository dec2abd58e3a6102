import type { KeySearch } from './key-search.js';

/** A key's characters may stand so far apart in a draft. Text that is held back longer would be searched again and again. */
const MAX_HELD = 512;

/** Takes a key out of a text that comes in pieces. The pieces that it gives out make up what the whole would become. */
export class ScrubStream {
  /** What may still be the beginning of a key. */
  #held = '';
  /** So many of the held characters belong to a part that was hidden already. */
  #hidden = 0;

  /** @param search absent: the key is too short to be looked for. */
  constructor(
    private readonly search: KeySearch | undefined,
    private readonly instead: string,
  ) {}

  /** @returns what can no longer become part of a key. */
  push(piece: string): string {
    return this.#give(this.#held + piece, false);
  }

  /** What was held back, once nothing follows. */
  end(): string {
    return this.#give(this.#held, true);
  }

  #give(text: string, isWhole: boolean): string {
    const { ranges, settledTo } = this.search?.find(text, isWhole) ?? NOTHING_FOUND;
    const held = this.search ? Math.max(settledTo, text.length - MAX_HELD) : text.length;
    const cut = isWhole ? text.length : wholeCharacters(text, held);
    let clean = '';
    let done = this.#hidden;
    for (const { start, end } of ranges) {
      // It is complete in what is held, so it is found again.
      if (start >= cut) break;
      if (start >= done) clean += text.slice(done, start) + this.instead;
      done = Math.max(done, end);
    }
    if (done < cut) clean += text.slice(done, cut);
    this.#held = text.slice(cut);
    this.#hidden = Math.max(0, done - cut);
    return clean.toWellFormed();
  }
}

const NOTHING_FOUND = { ranges: [], settledTo: 0 };

/** The cut, moved so that it does not halve a character. */
function wholeCharacters(text: string, cut: number): number {
  const code = text.charCodeAt(cut - 1);
  return code >= 0xd800 && code <= 0xdbff ? cut - 1 : cut;
}
