/** A mark is the index of a stored value between two private-use characters, which models do not write. */
const [OPEN, CLOSE] = ['\uE000', '\uE001'];
const MARK = /\uE000(\d+)\uE001/g;
const ONLY_MARK = /^\uE000(\d+)\uE001$/;
const LONG_STRING_CHARACTERS = 32;
const MAX_SPACE = 200;

/** A text in which parts that are understood already are replaced by short marks, until the rest is understood as well. */
export class Outline {
  readonly #values: unknown[] = [];

  static holdsMark(text: string): boolean {
    return text.includes(OPEN) || text.includes(CLOSE);
  }

  /** A JSON string that stands for a value. */
  markFor(value: unknown): string {
    this.#values.push(value);
    return `"${OPEN}${this.#values.length - 1}${CLOSE}"`;
  }

  /** Long strings in double quotes become marks, raw line breaks and tabs in them included. */
  withoutLongStrings(text: string): string {
    let short = '';
    let done = 0;
    let at = text.indexOf('"');
    while (at !== -1) {
      const end = stringEnd(text, at + 1);
      if (end === undefined) break;
      const value = end - at > LONG_STRING_CHARACTERS ? stringOf(text.slice(at, end)) : undefined;
      if (value !== undefined) {
        short += text.slice(done, at) + this.markFor(value);
        done = end;
      }
      at = text.indexOf('"', end);
    }
    return short + text.slice(done);
  }

  /** The value with everything again that marks stand for. */
  filledIn(value: unknown): unknown {
    if (typeof value === 'string') {
      const [, only] = ONLY_MARK.exec(value) ?? [];
      if (only !== undefined) return this.#valueAt(only);
      // A mark in the middle of a text stands for a quotation in it.
      return value.replaceAll(MARK, (_mark, place: string) => {
        const held = this.#valueAt(place);
        return typeof held === 'string' ? held : JSON.stringify(held);
      });
    }
    if (Array.isArray(value)) return value.map((held) => this.filledIn(held));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [
        String(this.filledIn(name)),
        this.filledIn(held),
      ]),
    );
  }

  /** A stored object may itself contain marks of values that were stored before it. */
  #valueAt(place: string): unknown {
    const value = this.#values[Number(place)];
    return typeof value === 'object' ? this.filledIn(value) : value;
  }
}

/** Behind the quote that ends a string: after it stands what may follow a value. Any other quote belongs to the text. */
function stringEnd(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') {
      let next = at + 1;
      while (next - at < MAX_SPACE && /\s/.test(text[next] ?? '')) next += 1;
      if (next === text.length || ',:}]'.includes(text[next] ?? '')) return at + 1;
    }
  }
  return undefined;
}

/** Undefined for a string with a quote in it that is not escaped: that one is for the repair. */
function stringOf(quoted: string): string | undefined {
  const escaped = quoted.replaceAll(/[\p{Cc}]/gu, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
  try {
    const value: unknown = JSON.parse(escaped);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
