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
