import { neighboursOf } from './cited-turns.js';
import { EventLoop } from './event-loop.js';
import { searchText } from './search-text.js';
import { storableJson } from './storable.js';
import { NOW, type Statements } from './statements.js';
import { SEARCH_DOCUMENT } from './store-memories.js';
import { type CitedTurn, turnsLeft } from './turns-left.js';
import { MAX_CITED_CHARACTERS, MAX_NEIGHBOUR_CHARACTERS, TurnWords } from './turn-words.js';

export interface MemoryOfWrite {
  readonly id: string;
  readonly writeId: string;
}

/** What the audit keeps of each memory: why it went, and no text. */
export interface ErasureNote {
  readonly apiKeyId: string | null;
  readonly details: Readonly<Record<string, string>>;
}

/**
 * All memories of the writes concerned, whoever else may be about to erase one of them: two who erase siblings would else
 * each leave a shared turn to the other. By id, so that two who want the same ones wait for each other.
 */
const LOCK_FAMILIES = `
  select id from memories where account_id = $1 and write_id = any($2::uuid[]) order by id for update`;

const TURNS = `
  select t.id, t.write_id as "writeId", t.position,
         coalesce(array_agg(c.memory_id) filter (where c.memory_id is not null), '{}') as "citedBy"
    from turns t left join memory_turns c on c.turn_id = t.id
   where t.account_id = $1 and t.write_id = any($2::uuid[])
   group by t.id`;

/** The event comes first, while the memory is there to say whose it is. */
const ERASE = `
  with told as (
    insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details)
    select account_id, id, tenant_id, 'memory.erased', ${NOW}, $3, $4::jsonb || jsonb_build_object('write_id', write_id)
      from memories where account_id = $1 and id = any($2::uuid[])
  )
  delete from memories where account_id = $1 and id = any($2::uuid[])`;
const ERASE_TURNS = 'delete from turns where account_id = $1 and id = any($2::uuid[])';

const LEFT = `
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
const SEARCH_WITHOUT = `
  update memories m set search_document = ${SEARCH_DOCUMENT}
    from jsonb_to_recordset($2::jsonb) as r(id uuid, words text, cited text, neighbours text)
   where m.id = r.id and m.account_id = $1`;
/** So many search documents are built anew at a time: each may rest on fifty turns. */
const MEMORIES_AT_ONCE = 20;

interface LeftMemory extends MemoryOfWrite {
  readonly text: string;
  readonly cited: readonly number[];
}

interface SaidTurn {
  readonly writeId: string;
  readonly position: number;
  readonly content: string;
}

/**
 * Erases memories and what goes with them, in the transaction that it is given.
 * @returns how many were still there, and how many turns went with them.
 */
export async function eraseMemories(
  statements: Statements,
  accountId: string,
  memories: readonly MemoryOfWrite[],
  { apiKeyId, details }: ErasureNote,
): Promise<{ readonly memories: number; readonly turns: number }> {
  const writeIds = [...new Set(memories.map(({ writeId }) => writeId))];
  const family = await statements.query<{ id: string }>(LOCK_FAMILIES, [accountId, writeIds]);
  const wanted = new Set(memories.map(({ id }) => id));
  const erased = family.filter(({ id }) => wanted.has(id)).map(({ id }) => id);
  if (erased.length === 0) return { memories: 0, turns: 0 };

  const turns = await statements.query<CitedTurn>(TURNS, [accountId, writeIds]);
  const { going, touched } = turnsLeft(turns, new Set(erased));
  await statements.query(ERASE, [accountId, erased, apiKeyId, JSON.stringify(details)]);
  if (going.length > 0) await statements.query(ERASE_TURNS, [accountId, going]);
  if (touched.length > 0) await searchWithout(statements, accountId, touched);
  return { memories: erased.length, turns: going.length };
}

/** Builds search documents anew, from the turns that are left. */
async function searchWithout(
  statements: Statements,
  accountId: string,
  memoryIds: readonly string[],
): Promise<void> {
  const loop = new EventLoop();
  for (let from = 0; from < memoryIds.length; from += MEMORIES_AT_ONCE) {
    const ids = memoryIds.slice(from, from + MEMORIES_AT_ONCE);
    const left = await statements.query<LeftMemory>(LEFT, [accountId, ids]);
    const words = await wordsOfWrites(statements, accountId, left);
    const rows: Record<string, string>[] = [];
    for (const { id, text, writeId, cited } of left) {
      const said = words.get(writeId) ?? new TurnWords(() => undefined);
      rows.push({
        id,
        words: searchText(text),
        cited: said.at(cited, MAX_CITED_CHARACTERS),
        neighbours: said.at(neighboursOf(cited, Infinity), MAX_NEIGHBOUR_CHARACTERS),
      });
      await loop.giveWay();
    }
    await statements.query(SEARCH_WITHOUT, [accountId, storableJson(rows)]);
  }
}

/** By the writes of the memories, the words of what they cite and of what was said beside that, as far as it is left. */
async function wordsOfWrites(
  statements: Statements,
  accountId: string,
  memories: readonly LeftMemory[],
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
