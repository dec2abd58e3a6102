import { EndedStore, type JobKind } from '@app/memory';

import type { Database } from '../sql/database.js';
import { JOB_TABLES } from './job-tables.js';

/** Each shape of row that ends, and how long it stays: the two conditions are those of its index. */
const KEPT = [
  `finished_at is not null and failure is null and finished_at < now() - interval '24 hours'`,
  `failure is not null and finished_at < now() - interval '7 days'`,
];

export class PostgresEndedStore extends EndedStore {
  constructor(private readonly database: Database) {
    super();
  }

  async deleteExpired(kind: JobKind, limit: number): Promise<number> {
    let deleted = 0;
    for (const expired of KEPT) {
      const statement = deleteWhere(JOB_TABLES[kind], expired);
      deleted += (await this.database.query(statement, [limit - deleted])).length;
    }
    return deleted;
  }
}

const deleteWhere = (table: string, expired: string): string => `
  with expired as materialized (
    select id from ${table} where ${expired} order by finished_at limit $1 for update skip locked
  )
  delete from ${table} using expired where ${table}.id = expired.id returning ${table}.id`;
