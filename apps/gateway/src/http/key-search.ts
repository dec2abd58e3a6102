/** So many keys are looked for one after the other, which the engine does fastest. */
const FEW = 4;
/** No key is shorter. */
const STEM_CHARACTERS = 12;

/** Looks for any of several keys. A batch may bring a thousand of them and 16 MiB of text: not each in all of it. */
export class KeySearch {
  readonly #keys: readonly string[];
  readonly #byStem = new Map<string, string[]>();
  /** Whether a stem begins with two characters, by their low bytes. */
  readonly #beginnings: Uint8Array | undefined;

  /** @param keys of twelve characters or more. */
  constructor(keys: readonly string[]) {
    this.#keys = [...new Set(keys)];
    if (this.#keys.length <= FEW) return;
    this.#beginnings = new Uint8Array(0x1_00_00);
    for (const key of this.#keys) {
      const stem = key.slice(0, STEM_CHARACTERS);
      this.#byStem.set(stem, [...(this.#byStem.get(stem) ?? []), key]);
      this.#beginnings[beginningAt(key, 0)] = 1;
    }
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  areIn(text: string): boolean {
    if (!this.#beginnings) return this.#keys.some((key) => text.includes(key));
    for (let at = 0; at + STEM_CHARACTERS <= text.length; at += 1) {
      if (this.#beginnings[beginningAt(text, at)] === 0) continue;
      const keys = this.#byStem.get(text.slice(at, at + STEM_CHARACTERS));
      if (keys?.some((key) => text.startsWith(key, at))) return true;
    }
    return false;
  }
}

const beginningAt = (text: string, at: number): number =>
  ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff);
