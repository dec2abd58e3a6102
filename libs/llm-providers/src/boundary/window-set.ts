/** Where a text holds so many characters in a row of one of several secrets. */
export class WindowSet {
  readonly #windows = new Set<string>();
  /** A hash of three characters of each window: most places of a text are passed over without a copy of them. */
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

  /** @param found is told the place of the first character of each window, in their order. */
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
