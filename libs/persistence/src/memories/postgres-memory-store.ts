import {
  ALL_TENANTS,
  type FoundMemories,
  type ListRequest,
  type MemoryPage,
  MemoryStore,
  type Moment,
  type Scope,
  type SeenMemory,
} from '@app/memory';

import { isUuid } from '../sql/columns.js';
import { believed, trueAt, inScope } from '../sql/conditions.js';
import type { Database } from '../sql/database.js';
import {
  leftOutOf,
  SEEN_COLUMNS,
  type SeenRow,
  sizeOfEach,
  toSeenMemory,
  type WeighedRow,
  WHOLE_COLUMNS,
  withinBudget,
} from './seen-memory.js';
import { clock, Values } from '../sql/statements.js';

export class PostgresMemoryStore extends MemoryStore {
  constructor(private readonly database: Database) {
    super();
  }

  async find(scope: Scope, memoryId: string): Promise<SeenMemory | undefined> {
    if (!isUuid(memoryId)) return undefined;
    const values = new Values();
    const sql = selectByIds(WHOLE_COLUMNS, { scope, ids: [memoryId], moment: {} }, values);
    const [row] = await this.#read<SeenRow>(scope, sql, values);
    return row && toSeenMemory(row);
  }

  async findMany(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<FoundMemories> {
    const ids = [...new Set(memoryIds.filter(isUuid))];
    if (ids.length === 0) return { memories: [], leftOut: 0 };
    const values = new Values();
    const rows = selectByIds(`given.nth, ${SEEN_COLUMNS}`, { scope, ids, moment }, values);
    const sql = `${withinBudget(rows, 'nth')} order by nth`;
    const found = await this.database.read(
      scope.accountId,
      (statements) => statements.prepared<WeighedRow>(sql, values.list),
      signal,
    );
    return { memories: found.map(toSeenMemory), leftOut: leftOutOf(found) };
  }

  async sizesOf(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const ids = [...new Set(memoryIds.filter(isUuid))];
    if (ids.length === 0) return new Map();
    const values = new Values();
    const scope = { accountId, tenantId: ALL_TENANTS };
    const sql = sizeOfEach(selectByIds(SEEN_COLUMNS, { scope, ids, moment: {} }, values));
    const rows = await this.#read<{ id: string; bytes: number }>(scope, sql, values);
    return new Map(rows.map(({ id, bytes }) => [id, bytes]));
  }

  async now(): Promise<Date> {
    return clock(this.database);
  }

  async list(
    { scope, filter, moment, includeSuperseded, limit, after }: ListRequest,
    signal?: AbortSignal,
  ): Promise<MemoryPage> {
    const values = new Values();
    const page =
      after === undefined
        ? 'true'
        : `(m.created_at, m.id) < (${values.add(after.createdAt)}, ${values.add(after.id)}::uuid)`;
    // The statement finds one row more than the page shows, to see whether more memories follow.
    const rows = `
      select ${SEEN_COLUMNS}
        from memories m join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
       where ${inScope(scope, filter, values)}
         and ${trueAt(moment, values, { andEnded: includeSuperseded })}
         and ${page}
       order by m.created_at desc, m.id desc
       limit ${values.add(limit + 1)}`;
    const sql = `${withinBudget(rows, NEWEST_FIRST)} order by ${NEWEST_FIRST}`;
    const found = await this.#read<WeighedRow>(scope, sql, values, signal);
    const shown = found.slice(0, limit);
    return {
      memories: shown.map(toSeenMemory),
      hasMore: shown.length < found.length || leftOutOf(found) > 0,
    };
  }

  #read<Row>(
    { accountId }: Scope,
    sql: string,
    { list }: Values,
    signal?: AbortSignal,
  ): Promise<readonly Row[]> {
    return this.database.read(accountId, (statements) => statements.query<Row>(sql, list), signal);
  }
}

const NEWEST_FIRST = 'created_at desc, id desc';

/** `given.nth` is the position of an id in the list of ids. */
function selectByIds(
  columns: string,
  { scope, ids, moment }: { scope: Scope; ids: readonly string[]; moment: Moment },
  values: Values,
): string {
  return `
    select ${columns}
      from unnest(${values.add(ids)}::uuid[]) with ordinality as given(id, nth) join memories m on m.id = given.id
      join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
     where ${inScope(scope, {}, values)}`;
}
