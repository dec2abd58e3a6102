import { neighboursOf } from '@app/memory';

import { LoopYielder } from '../sql/long-work.js';
import type { Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { searchText, searchTextOf } from './search-text.js';

/** Characters of the cited turns, and of their neighbours, that go into a fact's search document. */
export const MAX_CITED_CHARACTERS = 8_192;
export const MAX_NEIGHBOUR_CHARACTERS = 4_096;
/** Bytes of turns, in UTF-8, that go into all search documents of one write. Ordinary conversations stay far below. */
const MAX_BYTES_OF_WRITE = 3.5 * 1024 * 1024;

/** Positions of the messages that a fact cites, and of the messages beside them. */
export interface CitedPlaces {
  readonly cited: readonly number[];
  readonly neighbours: readonly number[];
}

/** Builds the words of turns for search documents. The words of a turn are built once, however many facts cite it. */
export class TurnWords {
  readonly #made = new Map<string, string>();

  /** @param contentAt returns the text of the turn at a position; undefined if there is none, or it was erased. */
  constructor(private readonly contentAt: (position: number) => string | undefined) {}

  /** The words of the turns at these positions, in their order. The texts are cut after `characters` characters in total. */
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
   * The share of its limits that each fact may use, so that all facts together stay within MAX_BYTES_OF_WRITE.
   * @returns a factor, at most 1.
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

/**
 * Increment when the way of building search documents or folds changes, and recreate the index `memories_of_older_form` in
 * a migration: upkeep finds the memories of an older form by it and rebuilds them.
 */
export const SEARCH_FORM = 1;

/**
 * SQL for the search document of a row `r`: words of the fact, parts of its identifiers, cited turns and their neighbours.
 * @param cited the tsvector of the cited turns. @param neighbours the tsvector of their neighbours.
 */
export const searchDocument = (cited: string, neighbours: string): string => `
  setweight(search_words(r.words), 'A') || setweight(search_words(r.parts), 'C')
    || setweight(${cited}, 'B') || setweight(${neighbours}, 'D')`;

/** The search document of a row that has the words of its turns. */
export const SEARCH_DOCUMENT = searchDocument(
  'search_words(r.cited)',
  'search_words(r.neighbours)',
);

const MEMORIES = `
  select m.id, m.text, m.write_id as "writeId",
         array(select t.position from memory_turns c join turns t on t.id = c.turn_id
                where c.memory_id = m.id order by t.position) as cited
    from memories m where m.account_id = $1 and m.id = any($2::uuid[])`;
/** Reads only the part of each turn that a search document can hold. */
const SAID = `
  select t.write_id as "writeId", t.position, left(t.text, ${MAX_CITED_CHARACTERS}) as content
    from unnest($2::uuid[], $3::int[]) as wanted(write_id, position)
    join turns t on t.write_id = wanted.write_id and t.position = wanted.position
   where t.account_id = $1`;
const REBUILD = `
  update memories m set search_document = ${SEARCH_DOCUMENT}, search_form = greatest(search_form, $3)
    from jsonb_to_recordset($2::jsonb) as r(id uuid, words text, parts text, cited text, neighbours text)
   where m.id = r.id and m.account_id = $1`;
/** Search documents that one statement rebuilds: each may need 50 cited turns and their neighbours. */
const MEMORIES_AT_ONCE = 20;

interface IndexedMemory {
  readonly id: string;
  readonly writeId: string;
  readonly text: string;
  readonly cited: readonly number[];
}

interface SaidTurn {
  readonly writeId: string;
  readonly position: number;
  readonly content: string;
}

/**
 * Rebuilds search documents from the remaining turns.
 * @param form stored as `search_form` if it is higher; 0 keeps the stored one, because the fold is not recomputed.
 */
export async function buildSearchDocuments(
  statements: Statements,
  accountId: string,
  memoryIds: readonly string[],
  form: number,
): Promise<void> {
  const loop = new LoopYielder();
  for (let from = 0; from < memoryIds.length; from += MEMORIES_AT_ONCE) {
    const ids = memoryIds.slice(from, from + MEMORIES_AT_ONCE);
    const left = await statements.query<IndexedMemory>(MEMORIES, [accountId, ids]);
    const words = await wordsOfWrites(statements, accountId, left);
    const rows: Record<string, string>[] = [];
    for (const { id, text, writeId, cited } of left) {
      const said = words.get(writeId) ?? new TurnWords(() => undefined);
      rows.push({
        id,
        ...searchTextOf(text),
        cited: said.at(cited, MAX_CITED_CHARACTERS),
        neighbours: said.at(neighboursOf(cited, Infinity), MAX_NEIGHBOUR_CHARACTERS),
      });
      await loop.yieldIfLong();
    }
    await statements.query(REBUILD, [accountId, storableJson(rows), form]);
  }
}

/** The words of the remaining cited turns and their neighbours, by the id of their write. */
async function wordsOfWrites(
  statements: Statements,
  accountId: string,
  memories: readonly IndexedMemory[],
): Promise<ReadonlyMap<string, TurnWords>> {
  const wanted = new Map<string, Set<number>>();
  for (const { writeId, cited } of memories) {
    const positions = wanted.get(writeId) ?? new Set();
    wanted.set(writeId, positions);
    for (const position of [...cited, ...neighboursOf(cited, Infinity)]) positions.add(position);
  }
  const pairs = [...wanted].flatMap(([writeId, positions]) =>
    [...positions].map((position) => [writeId, position] as const),
  );
  const said = await statements.query<SaidTurn>(SAID, [
    accountId,
    pairs.map(([writeId]) => writeId),
    pairs.map(([, position]) => position),
  ]);
  return new Map(
    [...Map.groupBy(said, ({ writeId }) => writeId)].map(([writeId, turns]) => {
      const contents = new Map(turns.map(({ position, content }) => [position, content]));
      return [writeId, new TurnWords((position) => contents.get(position))];
    }),
  );
}
