import { Client } from 'pg';

/** A row as text, and the table that it stands in. */
export interface FoundRow {
  readonly table: string;
  readonly row: string;
}

/**
 * Every row of every table that is not Postgres' own.
 * @param shown how a row `t` becomes text.
 */
export async function everyRow(url: string, shown = 't::text'): Promise<readonly FoundRow[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const found: FoundRow[] = [];
    for (const { name: table } of tables.rows) {
      const held = await client.query<{ row: string }>(`select ${shown} as row from ${table} as t`);
      found.push(...held.rows.map(({ row }) => ({ table, row })));
    }
    return found;
  } finally {
    await client.end();
  }
}
