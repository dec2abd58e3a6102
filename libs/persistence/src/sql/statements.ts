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

/** Numbers the values of a statement in the order in which its text asks for them. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/**
 * Postgres' clock, cut to milliseconds. Cut, not rounded: a rounded time may lie ahead of now, and what was just stored
 * would not be true yet.
 */
export const NOW = `date_trunc('milliseconds', clock_timestamp())`;

/** A duration of libs/jobs/src/policy.ts in SQL. */
export const msAsInterval = (ms: number): string => `interval '${ms} milliseconds'`;

/** What time it is to Postgres, this very moment, also in a transaction that began long ago. */
export async function clock(statements: Statements): Promise<Date> {
  const [row] = await statements.query<{ now: Date }>(`select ${NOW} as now`);
  if (row === undefined) throw new Error('Postgres told no time');
  return row.now;
}

/** The current period: the month's first day in UTC, by Postgres' clock. */
export const PERIOD = `(date_trunc('month', now() at time zone 'utc'))::date`;

/** As text: a `date` would become a moment in the process' own time zone. */
export const periodText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;
