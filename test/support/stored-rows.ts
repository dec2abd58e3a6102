import { Redis } from 'ioredis';
import { Client } from 'pg';

/** A row as text, and its table. */
export interface FoundRow {
  readonly table: string;
  readonly row: string;
}

/**
 * Every row of every table that is not Postgres' own.
 * @param shown the SQL expression that turns a row `t` into text.
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

/**
 * Every row of every table, to see whether anything changed.
 * @param without rows that contain one of these texts are left out, such as those that another account has made meanwhile.
 */
export async function storedRows(
  databaseUrl: string,
  without: readonly string[] = [],
): Promise<readonly string[]> {
  // `last_used_at` is left out, because it is written a moment after the call.
  const rows = await everyRow(databaseUrl, "(to_jsonb(t) - 'last_used_at')::text");
  return rows
    .map(({ table, row }) => `${table} ${row}`)
    .filter((row) => !without.some((text) => row.includes(text)))
    .toSorted();
}

/** Every key of the queue that names one of these jobs, with its value. */
export async function queuedJobs(
  redisUrl: string,
  jobIds: readonly string[],
): Promise<readonly string[]> {
  const redis = new Redis(redisUrl);
  try {
    const keys = (await redis.keys('*')).filter((key) => jobIds.some((id) => key.includes(id)));
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return keys.map((key, at) => `${key} ${values[at]?.toString('base64') ?? ''}`).toSorted();
  } finally {
    redis.disconnect();
  }
}
