import { v7 as uuidv7 } from 'uuid';

import type { Message } from '@app/memory';

import { RowSlices } from '../sql/long-work.js';
import type { Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';

const INSERT_TURNS = `
  insert into turns (id, account_id, write_id, position, role, name, said_at, text)
  select t.id, $2, $1, t.position, t.role, t.name, t.said_at, t.text
    from jsonb_to_recordset($3::jsonb) as t(id uuid, position int, role text, name text, said_at timestamptz, text text)`;
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

interface CitingMemory {
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
    const { role, name, at, content } = message;
    const row = { id: uuidv7(), position, role, name, said_at: at, text: content };
    await turns.add(row, content.length);
  }
  await turns.flush();
  const citations = new RowSlices(insert(INSERT_CITATIONS));
  for (const { id, cited } of memories)
    await citations.add({ memory_id: id, positions: cited }, cited.length * CHARACTERS_OF_CITATION);
  await citations.flush();
}
