import { NOW, type Statements } from './statements.js';

/** What time it is to Postgres, this very moment, also in a transaction that began long ago. */
export async function clock(statements: Statements): Promise<Date> {
  const [row] = await statements.query<{ now: Date }>(`select ${NOW} as now`);
  if (row === undefined) throw new Error('Postgres told no time');
  return row.now;
}
