/** The current period: the month's first day in UTC, by Postgres' clock. */
export const PERIOD = `(date_trunc('month', now() at time zone 'utc'))::date`;

/** As text: a `date` would become a moment in the process' own time zone. */
export const periodText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;
