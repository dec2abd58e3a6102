import type { EntityTarget, ObjectLiteral, QueryRunner, Repository } from 'typeorm';

/** Runs SQL, either on any free connection or inside one transaction. */
export interface Statements {
  /** @returns the rows; of an `insert`, `update` or `delete`, the rows of its `returning`. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** One connection: SQL by hand and TypeORM's repositories run on it with the same settings and in the same transaction. */
export interface Connection extends Statements {
  repository<Row extends ObjectLiteral>(entity: EntityTarget<Row>): Repository<Row>;
}

export const connectionOf = (runner: QueryRunner): Connection => ({
  query: async <Row>(sql: string, values: readonly unknown[] = []) =>
    (await runner.query(sql, [...values], true)).records as Row[],
  repository: (entity) => runner.manager.getRepository(entity),
});

/** Collects the values of a statement; `add` returns the placeholder of the value. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/**
 * Postgres' clock, truncated to milliseconds. A rounded time could be in the future, and a read right after the write would
 * not find the new memory.
 */
export const NOW = `date_trunc('milliseconds', clock_timestamp())`;

/**
 * Planning takes longer than a frequent statement itself, so each connection plans it once, without its values. The tables may
 * be nearly empty at that time: without the second setting, that plan would read them from end to end.
 */
export const ONE_PLAN =
  'set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off';

/** A duration in SQL. */
export const msAsInterval = (ms: number): string => `interval '${ms} milliseconds'`;

/** Reads Postgres' current time. It advances within a transaction, unlike `now()`. */
export async function clock(statements: Statements): Promise<Date> {
  const [row] = await statements.query<{ now: Date }>(`select ${NOW} as now`);
  if (row === undefined) throw new Error('Postgres returned no time');
  return row.now;
}

/** The current period: the first day of the month in UTC, by Postgres' clock. */
export const PERIOD = `(date_trunc('month', now() at time zone 'utc'))::date`;

/** SQL for the text of a period: pg would read a `date` as midnight in the time zone of the process. */
export const periodText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;
