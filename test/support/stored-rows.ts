import { Redis } from 'ioredis';
import { Client } from 'pg';

/**
 * Every row of every table, to see whether anything changed.
 * @param without rows that name one of these are left out: what another account has made meanwhile.
 */
export async function storedRows(
  databaseUrl: string,
  without: readonly string[] = [],
): Promise<readonly string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      // When a key was used last is noted a moment after it was.
      const held = await client.query<{ row: string }>(
        `select (to_jsonb(t) - 'last_used_at')::text as row from ${name} as t`,
      );
      rows.push(...held.rows.map(({ row }) => `${name} ${row}`));
    }
    return rows.filter((row) => !without.some((text) => row.includes(text))).toSorted();
  } finally {
    await client.end();
  }
}

/** What the queue holds of these jobs: each key that names one of them, with its value. */
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
