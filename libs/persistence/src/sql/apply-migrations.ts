import { connect } from './data-source.js';

/** One key for all migrators of a database: "aurra" on a phone's keypad. */
const MIGRATION_LOCK = 28_772;

/**
 * Brings the schema up to date. Two migrators at once are safe: the second waits for the first and finds nothing to do.
 * @returns the names of the migrations that were applied, in order.
 */
export async function applyMigrations(url: string): Promise<readonly string[]> {
  const dataSource = await connect({ url, poolSize: 2 });
  try {
    const lock = dataSource.createQueryRunner();
    try {
      // Held by the session: it goes with the connection, however this process ends.
      await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      const applied = await dataSource.runMigrations();
      await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      return applied.map(({ name }) => name);
    } finally {
      await lock.release();
    }
  } finally {
    await dataSource.destroy();
  }
}
