import { searchText } from './search-text.js';

/** Characters of the cited turns, and of their neighbours, that go into a fact's search document. */
export const MAX_CITED_CHARACTERS = 8_192;
export const MAX_NEIGHBOUR_CHARACTERS = 4_096;
/** Bytes of turns, in UTF-8, that go into all search documents of one write. Ordinary conversations stay far below. */
const MAX_BYTES_OF_WRITE = 3.5 * 1024 * 1024;

/** What a fact cites, and what was said beside that: positions of messages. */
export interface CitedPlaces {
  readonly cited: readonly number[];
  readonly neighbours: readonly number[];
}

/** The words of turns, as search documents have them. Each turn's are made once, however many facts cite it. */
export class TurnWords {
  readonly #made = new Map<string, string>();

  /** @param contentAt what was said at a position; undefined where nothing was, or it is gone. */
  constructor(private readonly contentAt: (position: number) => string | undefined) {}

  /** The words of the turns in their order, until so many characters of what was said are used. */
  at(positions: readonly number[], characters: number): string {
    let left = characters;
    const parts: string[] = [];
    for (const position of positions) {
      const content = this.contentAt(position);
      if (content === undefined) continue;
      if (left <= 0) break;
      const length = Math.min(left, content.length);
      parts.push(this.#wordsOf(position, content, length));
      left -= length;
    }
    return parts.join('\n');
  }

  /**
   * Of how much each fact's words may be made: of a part, where all of them together would be more than a write may have.
   * @returns a factor, 1 at most.
   */
  shareOf(facts: readonly CitedPlaces[]): number {
    const sizes = new Map<number, { readonly characters: number; readonly bytes: number }>();
    const bytesAt = (positions: readonly number[], most: number): number => {
      let [characters, bytes] = [0, 0];
      for (const position of positions) {
        const content = this.contentAt(position) ?? '';
        const size = sizes.get(position) ?? {
          characters: content.length,
          bytes: Buffer.byteLength(content),
        };
        sizes.set(position, size);
        characters += size.characters;
        bytes += size.bytes;
      }
      return characters > most ? (bytes * most) / characters : bytes;
    };
    let wanted = 0;
    for (const { cited, neighbours } of facts) {
      wanted += bytesAt(cited, MAX_CITED_CHARACTERS);
      wanted += bytesAt(neighbours, MAX_NEIGHBOUR_CHARACTERS);
    }
    return wanted <= MAX_BYTES_OF_WRITE ? 1 : MAX_BYTES_OF_WRITE / wanted;
  }

  #wordsOf(position: number, content: string, length: number): string {
    const key = `${position} ${length}`;
    const made = this.#made.get(key) ?? searchText(content.slice(0, length));
    this.#made.set(key, made);
    return made;
  }
}
