/** Where statements run: on any free connection, or inside one transaction. */
export interface Statements {
  /** @returns the rows; of an `insert` or `update`, those it was told to return. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

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
