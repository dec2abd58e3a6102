import type { Database } from './database.js';

/**
 * Runs `work` unless another process of this database runs under the same lock; takes one connection of the pool for as
 * long. The lock is its transaction's, and so safe behind a pooler, and goes when the process dies. A cut connection
 * loses it while `work` goes on: so what `work` does must be safe done twice.
 * @returns false when another holds the lock; then nothing was done.
 */
export function whileAlone(
  database: Database,
  lock: number,
  work: () => Promise<void>,
): Promise<boolean> {
  return database.inTransaction(async (statements) => {
    const [row] = await statements.query<{ alone: boolean }>(
      'select pg_try_advisory_xact_lock($1) as alone',
      [lock],
    );
    if (row?.alone !== true) return false;
    await work();
    return true;
  });
}
