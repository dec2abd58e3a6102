import { Client } from 'pg';
import { expect, vi } from 'vitest';

const WITHIN = { timeout: 20_000, interval: 50 };

/**
 * Statements of this database that wait: other test files use the same server. A transaction sees the view as it was at its
 * first look, so each look begins with a new one.
 */
const WAITING = `
  select pg_stat_clear_snapshot();
  select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/**
 * No gateway can write while `work` runs; afterwards all can, whether `work` succeeded or failed.
 * @param work gets a function that waits until `count` statements wait for the lock.
 */
export async function whileWritesAreLocked<Result>(
  databaseUrl: string,
  work: (untilWaiting: (count: number) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const lock = new Client({ connectionString: databaseUrl });
  await lock.connect();
  try {
    await lock.query('begin; lock table writes in exclusive mode');
    const result = await work((count) =>
      vi.waitFor(async () => {
        // One result for each of the two statements.
        const results = (await lock.query(WAITING)) as unknown as { readonly rowCount: number }[];
        expect(results.at(-1)?.rowCount).toBeGreaterThanOrEqual(count);
      }, WITHIN),
    );
    await lock.query('commit');
    return result;
  } finally {
    // Ends the transaction of a test that failed.
    await lock.end();
  }
}
