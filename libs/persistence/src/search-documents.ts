import { neighboursOf } from './cited-turns.js';
import { EventLoop } from './event-loop.js';
import { searchTextOf } from './search-text.js';
import { storableJson } from './storable.js';
import type { Statements } from './statements.js';
import { MAX_CITED_CHARACTERS, MAX_NEIGHBOUR_CHARACTERS, TurnWords } from './turn-words.js';

/**
 * Counts on whenever search documents or folds are made otherwise than before. Upkeep builds those of an older form anew,
 * which it finds by the index `memories_of_older_form`: a new form needs that index anew, by a migration.
 */
export const SEARCH_FORM = 1;

/** Of a row `r`: the words of the fact, the parts of its identifiers, what it cites, and what was said beside that. */
export const SEARCH_DOCUMENT = `
  setweight(search_words(r.words), 'A') || setweight(search_words(r.parts), 'C')
    || setweight(search_words(r.cited), 'B') || setweight(search_words(r.neighbours), 'D')`;

const MEMORIES = `
  select m.id, m.text, m.write_id as "writeId",
         array(select t.position from memory_turns c join turns t on t.id = c.turn_id
                where c.memory_id = m.id order by t.position) as cited
    from memories m where m.account_id = $1 and m.id = any($2::uuid[])`;
/** No more of a turn than goes into a search document. */
const SAID = `
  select t.write_id as "writeId", t.position, left(t.text, ${MAX_CITED_CHARACTERS}) as content
    from unnest($2::uuid[], $3::int[]) as wanted(write_id, position)
    join turns t on t.write_id = wanted.write_id and t.position = wanted.position
   where t.account_id = $1`;
const REBUILD = `
  update memories m set search_document = ${SEARCH_DOCUMENT}, search_form = greatest(search_form, $3)
    from jsonb_to_recordset($2::jsonb) as r(id uuid, words text, parts text, cited text, neighbours text)
   where m.id = r.id and m.account_id = $1`;
/** So many search documents are built anew at a time: each may rest on fifty turns. */
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
 * Builds search documents anew, from the turns that are left.
 * @param form that the memories have then in every respect; 0 leaves theirs.
 */
export async function buildSearchDocuments(
  statements: Statements,
  accountId: string,
  memoryIds: readonly string[],
  form: number,
): Promise<void> {
  const loop = new EventLoop();
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
      await loop.giveWay();
    }
    await statements.query(REBUILD, [accountId, storableJson(rows), form]);
  }
}

/** By the writes of the memories, the words of what they cite and of what was said beside that, as far as it is left. */
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
