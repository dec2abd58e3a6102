import { type Chain, type Link, MAX_CHAIN } from '@app/memory';

import type { Statements } from '../sql/statements.js';

/** The last event that changed the end of a memory. The successor of an erased memory is stored only there. */
const lastChange = (memoryId: string): string => `
  select e.id, e.successor_id from audit_events e
   where e.account_id = $1 and e.memory_id = ${memoryId}
     and e.event in ('memory.superseded', 'memory.expired', 'memory.restored')
   order by e.id desc limit 1`;

const isErased = (memoryId: string): string =>
  `not exists (select from memories gone where gone.id = ${memoryId})`;

/** The successor of the memory `r`: from its open version, or from its last event if it is erased. */
const LATER = `
  select v.superseded_by as id from memory_versions v
   where v.memory_id = r.id and v.account_id = $1 and v.believed_to is null and v.superseded_by is not null
  union all
  select last.successor_id from (${lastChange('r.id')}) as last
   where last.successor_id is not null and ${isErased('r.id')}`;

/** The predecessors of the memory `r`. */
const EARLIER = `
  select v.memory_id from memory_versions v
   where v.superseded_by = r.id and v.account_id = $1 and v.believed_to is null
  union all
  select told.memory_id from audit_events told
   where told.account_id = $1 and told.successor_id = r.id and ${isErased('told.memory_id')}
     and told.id = (select last.id from (${lastChange('told.memory_id')}) as last)`;

/** `union` reaches each memory once, so the recursion ends in a cycle too. The limit stops it in a very long chain. */
const follow = (steps: string): string => `
  with recursive reached(id) as (
    select $2::uuid
    union
    select step.id from reached r cross join lateral (${steps}) as step
  )
  select r.id, m.id is null as erased, v.valid_from,
         case when m.id is null then (select last.successor_id from (${lastChange('r.id')}) as last) else v.superseded_by end as superseded_by,
         coalesce(m.created_at, (select min(e.at) from audit_events e where e.account_id = $1 and e.memory_id = r.id)) as created_at
    from (select id from reached limit ${MAX_CHAIN + 1}) r
    left join memories m on m.id = r.id and m.account_id = $1
    left join memory_versions v on v.memory_id = m.id and v.believed_to is null`;

const BOTH_WAYS = follow(`${LATER} union all ${EARLIER}`);
const ONWARDS = follow(LATER);

interface LinkRow {
  readonly id: string;
  readonly erased: boolean;
  readonly valid_from: Date | null;
  readonly superseded_by: string | null;
  /** Null: no memory and no event has this id. */
  readonly created_at: Date | null;
}

/** Reads all memories that supersession links with this one, including itself. Unknown ids are left out. */
export function chainLinks(
  statements: Statements,
  accountId: string,
  memoryId: string,
): Promise<Chain> {
  return readChain(statements, BOTH_WAYS, accountId, memoryId);
}

/** Reads only this memory and its successors. It is cheaper than `chainLinks`, because most memories have no successor. */
export function successorLinks(
  statements: Statements,
  accountId: string,
  memoryId: string,
): Promise<Chain> {
  return readChain(statements, ONWARDS, accountId, memoryId);
}

async function readChain(
  statements: Statements,
  sql: string,
  accountId: string,
  memoryId: string,
): Promise<Chain> {
  const rows = await statements.query<LinkRow>(sql, [accountId, memoryId]);
  const links = rows.slice(0, MAX_CHAIN).flatMap((row): Link[] =>
    row.created_at === null
      ? []
      : [
          {
            memoryId: row.id,
            supersededBy: row.superseded_by,
            createdAt: row.created_at,
            validFrom: row.valid_from,
            erased: row.erased,
          },
        ],
  );
  return { links, isCutOff: rows.length > MAX_CHAIN };
}
