import {
  type ListRequest,
  MemoryStore,
  type Moment,
  type Scope,
  type SeenMemory,
} from '@app/memory';

import { isUuid } from './columns.js';
import { believed, heldTrue, inScope } from './conditions.js';
import type { Database } from './database.js';
import { SEEN_COLUMNS, type SeenRow, toSeenMemory } from './seen-memory.js';
import { NOW, Values } from './statements.js';

export class TypeOrmMemoryStore extends MemoryStore {
  constructor(private readonly database: Database) {
    super();
  }

  async find(scope: Scope, memoryId: string): Promise<SeenMemory | undefined> {
    const [seen] = await this.findMany(scope, [memoryId], {});
    return seen;
  }

  async findMany(
    scope: Scope,
    memoryIds: readonly string[],
    moment: Moment,
  ): Promise<readonly SeenMemory[]> {
    const ids = memoryIds.filter(isUuid);
    if (ids.length === 0) return [];
    const values = new Values();
    const rows = await this.database.query<SeenRow>(
      `select ${SEEN_COLUMNS}
         from memories m join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
        where m.id = any(${values.add(ids)}::uuid[]) and ${inScope(scope, {}, values)}`,
      values.list,
    );
    return rows.map(toSeenMemory);
  }

  async now(): Promise<Date> {
    const [clock] = await this.database.query<{ now: Date }>(`select ${NOW} as now`);
    if (clock === undefined) throw new Error('Postgres told no time');
    return clock.now;
  }

  async list({
    scope,
    filter,
    moment,
    includeSuperseded,
    limit,
    after,
  }: ListRequest): Promise<readonly SeenMemory[]> {
    const values = new Values();
    const page =
      after === undefined
        ? 'true'
        : `(m.created_at, m.id) < (${values.add(after.createdAt)}, ${values.add(after.id)}::uuid)`;
    const rows = await this.database.query<SeenRow>(
      `select ${SEEN_COLUMNS}
         from memories m join memory_versions v on v.memory_id = m.id and ${believed(moment, values)}
        where ${inScope(scope, filter, values)}
          and ${heldTrue(moment, values, { andEnded: includeSuperseded })}
          and ${page}
        order by m.created_at desc, m.id desc
        limit ${values.add(limit)}`,
      values.list,
    );
    return rows.map(toSeenMemory);
  }
}
