import { v7 as uuidv7 } from 'uuid';

import type { Message } from '@app/memory';

import { RowSlices } from '../sql/long-work.js';
import type { Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';

/** The columns of a row `t` that `turnRow` makes. */
export const TURN_ROW =
  'id uuid, position int, role text, name text, said_at timestamptz, text text';

/** @param from a FROM clause: `t` has a TURN_ROW, `w` the id and the account of the write. */
export const insertTurnsFrom = (from: string): string => `
  insert into turns (id, account_id, write_id, position, role, name, said_at, text)
  select t.id, w.account_id, w.id, t.position, t.role, t.name, t.said_at, t.text ${from}`;

const INSERT_TURNS = insertTurnsFrom(
  `from jsonb_to_recordset($3::jsonb) as t(${TURN_ROW})
     cross join (select $1::uuid as id, $2::uuid as account_id) as w`,
);
const INSERT_CITATIONS = `
  insert into memory_turns (memory_id, turn_id)
  select c.memory_id, t.id
    from jsonb_to_recordset($3::jsonb) as c(memory_id uuid, positions int[])
    join turns t on t.write_id = $1 and t.account_id = $2 and t.position = any(c.positions)`;

/** Length of one citation in the JSON of a statement. */
const CHARACTERS_OF_CITATION = 80;

interface Conversation {
  readonly writeId: string;
  readonly accountId: string;
  readonly messages: readonly Message[];
}

export interface CitingMemory {
  readonly id: string;
  readonly cited: readonly number[];
  readonly neighbours: readonly number[];
}

/**
 * Stores each cited turn once, however many memories cite it. Neighbours of cited turns are stored too: the search document of
 * the memory holds their words, and a rebuild needs their text.
 */
export async function storeTurns(
  statements: Statements,
  { writeId, accountId, messages }: Conversation,
  memories: readonly CitingMemory[],
): Promise<void> {
  const insert = (sql: string) => async (rows: readonly unknown[]) => {
    await statements.query(sql, [writeId, accountId, storableJson(rows)]);
  };
  const turns = new RowSlices(insert(INSERT_TURNS));
  const positions = memories.flatMap(({ cited, neighbours }) => [...cited, ...neighbours]);
  for (const position of new Set(positions)) {
    const message = messages[position];
    if (message === undefined) continue;
    await turns.add(turnRow(message, position), message.content.length);
  }
  await turns.flush();
  const citations = new RowSlices(insert(INSERT_CITATIONS));
  for (const { id, cited } of memories)
    await citations.add({ memory_id: id, positions: cited }, cited.length * CHARACTERS_OF_CITATION);
  await citations.flush();
}

const turnRow = ({ role, name, at, content }: Message, position: number) => ({
  id: uuidv7(),
  position,
  role,
  name,
  said_at: at,
  text: content,
});

/** A memory that needs a turn: because it cites it, or because the turn is the neighbour of a cited one. */
interface TurnOfMemory {
  readonly memory_id: string;
  readonly turn_id: string;
  readonly cited: boolean;
}

/** The rows of the turns of a few memories, and which memory needs which of them. */
export function turnRows(messages: readonly Message[], memories: readonly CitingMemory[]) {
  const turns = new Map<number, ReturnType<typeof turnRow>>();
  const turnsOfFacts: TurnOfMemory[] = [];
  for (const { id, cited, neighbours } of memories) {
    for (const position of [...cited, ...neighbours]) {
      const message = messages[position];
      if (message === undefined) continue;
      const turn = turns.get(position) ?? turnRow(message, position);
      turns.set(position, turn);
      turnsOfFacts.push({ memory_id: id, turn_id: turn.id, cited: cited.includes(position) });
    }
  }
  return { turns: [...turns.values()], turnsOfFacts };
}
