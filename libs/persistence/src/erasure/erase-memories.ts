import { type CitedTurn, planTurnErasure } from '@app/memory';

import { buildSearchDocuments } from '../search/search-documents.js';
import { NOW, type Statements } from '../sql/statements.js';

export interface MemoryOfWrite {
  readonly id: string;
  readonly writeId: string;
}

/** Fields of the audit event of each erased memory: the API key that asked, and details without text. */
export interface ErasureNote {
  readonly apiKeyId: string | null;
  readonly details: Readonly<Record<string, string>>;
}

/**
 * Locks all memories of the affected writes. Without the lock, two erasures of memories that cite the same turn would each
 * leave the turn to the other one. Locked in the order of ids: two erasures wait for each other and never deadlock.
 */
const LOCK_FAMILIES = `
  select id from memories where account_id = $1 and write_id = any($2::uuid[]) order by id for update`;

const TURNS = `
  select t.id, t.write_id as "writeId", t.position,
         coalesce(array_agg(c.memory_id) filter (where c.memory_id is not null), '{}') as "citedBy"
    from turns t left join memory_turns c on c.turn_id = t.id
   where t.account_id = $1 and t.write_id = any($2::uuid[])
   group by t.id`;

/** The event reads its tenant and write from the memory, before the memory is deleted. */
const ERASE = `
  with told as (
    insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details)
    select account_id, id, tenant_id, 'memory.erased', ${NOW}, $3, $4::jsonb || jsonb_build_object('write_id', write_id)
      from memories where account_id = $1 and id = any($2::uuid[])
  )
  delete from memories where account_id = $1 and id = any($2::uuid[])`;
const ERASE_TURNS = 'delete from turns where account_id = $1 and id = any($2::uuid[])';

/**
 * Erases memories, and turns that no remaining memory needs, in the given transaction. It rebuilds the search documents of
 * remaining memories that held words of those turns.
 * @returns how many memories still existed, and how many turns were erased with them.
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
  const { turnsToErase, memoriesToReindex } = planTurnErasure(turns, new Set(erased));
  await statements.query(ERASE, [accountId, erased, apiKeyId, JSON.stringify(details)]);
  if (turnsToErase.length > 0) await statements.query(ERASE_TURNS, [accountId, turnsToErase]);
  if (memoriesToReindex.length > 0)
    await buildSearchDocuments(statements, accountId, memoriesToReindex, 0);
  return { memories: erased.length, turns: turnsToErase.length };
}
