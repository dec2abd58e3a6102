import { randomInt } from 'node:crypto';

import { QUOTA_SLOTS } from '@app/accounts';
import type { StoredResult, SucceededJob } from '@app/memory';

import { insertFirstVersions, insertMemoriesFrom, MEMORY_ROW } from '../memories/store-memories.js';
import { insertTurnsFrom, TURN_ROW } from '../memories/store-turns.js';
import { searchDocument } from '../search/search-documents.js';
import type { Database } from '../sql/database.js';
import { GroupCommit } from '../sql/group-commit.js';
import { NOW, PERIOD } from '../sql/statements.js';
import { completeWrite } from './complete-write.js';
import { type GroupedWrite, groupedWrite, listsOf } from './grouped-write.js';
import { LOCK_OWNED_WRITES, succeedWrites } from './job-lifecycle.js';
import { recordSpendingOf } from './record-usage.js';

/** The items of a JSON list in the result that belong to stored memories, in their order. @param memoryId of an item. */
const onlyKept = (list: string, memoryId: string): string => `
  (select coalesce(jsonb_agg(item order by place), '[]')
     from jsonb_array_elements(given.result -> '${list}') with ordinality as items(item, place)
    where (${memoryId})::uuid = any(kept.ids))`;

/** The result as the worker made it, without the memories that were not stored because a current memory holds the fact. */
const RESULT = `
  case when coalesce(cardinality(kept.ids), 0) = jsonb_array_length(given.result -> 'memoryIds') then given.result
       else given.result || jsonb_build_object('memoryIds', ${onlyKept('memoryIds', `item #>> '{}'`)},
                                           'autoSupersede', ${onlyKept('autoSupersede', `item ->> 'memoryId'`)}) end`;

/**
 * Stores the results of many writes: what `completeWrite` stores of each. All statements that store memories and spending lock
 * in the same order (writes, then memories in the order of their folds, then usage slots): two of them never deadlock.
 *
 * A write is left as it is (`left_out`) if a current memory with one of its facts has ended: `completeWrite` releases it.
 */
const COMPLETE = `
  with given as materialized (
    select * from jsonb_to_recordset($1::jsonb) as given(id uuid, run int, attempt int, llm_calls int, input_tokens int,
        output_tokens int, source text, session_id text, external_id text, metadata jsonb, extraction jsonb, result jsonb)
     order by id
  ), owned as materialized (
    ${LOCK_OWNED_WRITES}
  ), clock as materialized (
    select ${NOW} as now from (select count(*) from owned) as locked
  ), facts as materialized (
    select * from jsonb_to_recordset($2::jsonb) as r(write_id uuid, ${MEMORY_ROW}, cited int, neighbours int)
  ), ended as materialized (
    select distinct r.write_id
      from facts r join owned on owned.id = r.write_id cross join clock
      join memories m on m.account_id = owned.account_id and m.tenant_id = owned.tenant_id and m.source = owned.source
       and m.fold_hash = decode(r.fold_hash, 'hex')
     where m.current and m.valid_to <= clock.now
  ), w as materialized (
    select owned.*, clock.now from owned cross join clock where owned.id not in (select write_id from ended)
  ), documents as materialized (
    select d.write_id, d.key, search_words(d.words) as document
      from jsonb_to_recordset($3::jsonb) as d(write_id uuid, key int, words text)
  ), stored as (
    ${insertMemoriesFrom(
      `from facts r join w on w.id = r.write_id
         join documents cited on cited.write_id = r.write_id and cited.key = r.cited
         join documents neighbours on neighbours.write_id = r.write_id and neighbours.key = r.neighbours`,
      searchDocument('cited.document', 'neighbours.document'),
    )}
  ), ${insertFirstVersions(
    `(select stored.*, w.api_key_id from stored join w on w.id = stored.write_id) as m`,
  )}, needed as materialized (
    select n.* from jsonb_to_recordset($5::jsonb) as n(memory_id uuid, turn_id uuid, cited boolean)
      join stored on stored.id = n.memory_id
  ), said as (
    ${insertTurnsFrom(
      `from jsonb_to_recordset($4::jsonb) as t(write_id uuid, ${TURN_ROW}) join w on w.id = t.write_id
        where t.id in (select turn_id from needed)`,
    )}
  ), citations as (
    insert into memory_turns (memory_id, turn_id) select memory_id, turn_id from needed where cited
  ), kept as materialized (
    select write_id, array_agg(id) as ids from stored group by write_id
  ), succeeded as (
    ${succeedWrites('from w as given left join kept on kept.write_id = given.id', 'given.now', RESULT)}
  ), spent as (
    ${recordSpendingOf(
      `select w.account_id, ${PERIOD}, s.owner, $7::smallint, sum(s.calls)::bigint, sum(s.input_tokens)::bigint,
              sum(s.output_tokens)::bigint
         from jsonb_to_recordset($6::jsonb)
                as s(write_id uuid, owner text, calls bigint, input_tokens bigint, output_tokens bigint)
         join w on w.id = s.write_id
        where (select count(*) from stored) >= 0
        group by w.account_id, s.owner order by w.account_id, s.owner`,
    )}
  )
  select owned.id, coalesce(cardinality(kept.ids), 0) as kept, owned.id in (select write_id from ended) as left_out
    from owned left join kept on kept.write_id = owned.id`;

interface CompletedRow {
  readonly id: string;
  readonly kept: number;
  readonly left_out: boolean;
}

/** What the statement did with a write. `left-out`: it stored nothing of it, and the row is as before. */
type Outcome = StoredResult | 'left-out' | undefined;

/** A batch with more text would make the other writes in it wait. */
const MAX_WRITES = 64;
const MAX_CHARACTERS = 512 * 1024;

/** Stores the results of writes that workers complete at the same time in few statements. */
export class WriteCompletion {
  readonly #group: GroupCommit<GroupedWrite, Outcome>;

  constructor(private readonly database: Database) {
    this.#group = new GroupCommit<GroupedWrite, Outcome>((writes) => this.#completeAll(writes), {
      maxItems: MAX_WRITES,
      maxWeight: MAX_CHARACTERS,
      weightOf: ({ characters }) => characters,
      // The statement stores the facts of a row that it owns: it must not be given two results of one row.
      keyOf: ({ id }) => id,
      laneOf: ({ accountId }) => accountId,
    });
  }

  /** @returns undefined: this attempt no longer owns the write, and nothing was stored. */
  async complete(job: SucceededJob<'write'>): Promise<StoredResult | undefined> {
    const write = groupedWrite(job);
    const outcome = write === undefined ? 'left-out' : await this.#group.add(write);
    return outcome === 'left-out' ? completeWrite(this.database, job) : outcome;
  }

  async #completeAll(writes: readonly GroupedWrite[]): Promise<readonly Outcome[]> {
    const rows = await this.database.planned<CompletedRow>({
      name: 'complete_writes',
      text: COMPLETE,
      values: [...listsOf(writes), randomInt(QUOTA_SLOTS)],
    });
    const completed = new Map(rows.map((row) => [row.id, row]));
    return writes.map(({ id }) => {
      const row = completed.get(id);
      if (row === undefined) return undefined;
      return row.left_out ? 'left-out' : { memoriesStored: row.kept };
    });
  }
}
