/** Takes a key out of a text that comes in pieces. The pieces that it gives out make up what the whole would become. */
export class ScrubStream {
  /** What may still be the beginning of a window; in a run, the end of what is hidden already. */
  #held = '';
  /** Windows follow each other: the run that they make is hidden once. */
  #inRun = false;

  /** @param windows of `size` characters in a row that must not get out */
  constructor(
    private readonly windows: ReadonlySet<string>,
    private readonly size: number,
    private readonly instead: string,
  ) {}

  /** @returns what can no longer become part of a window: all but the last `size - 1` characters. */
  push(piece: string): string {
    const text = this.#held + piece;
    let clean = '';
    let at = this.#inRun ? this.#held.length : 0;
    while (at < text.length) {
      if (this.#inRun) {
        if (this.windows.has(text.slice(at + 1 - this.size, at + 1))) at += 1;
        else this.#inRun = false;
        continue;
      }
      const next = this.#nextWindow(text, at);
      if (next === undefined) {
        const end = lastWhole(text, at, Math.max(at, text.length - this.size + 1));
        this.#held = text.slice(end);
        return (clean + text.slice(at, end)).toWellFormed();
      }
      clean += text.slice(at, next) + this.instead;
      at = next + this.size;
      this.#inRun = true;
    }
    this.#held = this.#inRun ? text.slice(1 - this.size) : '';
    return clean.toWellFormed();
  }

  /** What was held back, once nothing follows. */
  end(): string {
    const rest = this.#inRun ? '' : this.#held;
    this.#held = '';
    return rest.toWellFormed();
  }

  #nextWindow(text: string, from: number): number | undefined {
    for (let at = from; at + this.size <= text.length; at += 1) {
      if (this.windows.has(text.slice(at, at + this.size))) return at;
    }
    return undefined;
  }
}

/** The cut, moved so that it does not halve a character. */
function lastWhole(text: string, from: number, cut: number): number {
  const code = text.charCodeAt(cut - 1);
  return cut > from && code >= 0xd800 && code <= 0xdbff ? cut - 1 : cut;
}
