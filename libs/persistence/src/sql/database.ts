import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

import { AccountShares } from './account-shares.js';
import { connect, type PersistenceOptions } from './data-source.js';
import { failureOfStatement } from './failed-statement.js';
import { readOnly } from './read-only.js';
import { type Connection, connectionOf, type Statements } from './statements.js';

interface DatabaseLimits {
  /** How long one statement of a reader may run. */
  readonly readTimeoutMs: number;
  /** How many calls of one account wait for its share of the pool, and for how long. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

const LIMITS: DatabaseLimits = { readTimeoutMs: 5_000, maxWaiting: 1_000, maxWaitMs: 5_000 };
/** What pg takes where it is not told. */
const DEFAULT_POOL_SIZE = 10;

/** The pool of one process: statements, transactions, and whether it can be reached. */
export class Database implements Statements {
  readonly #limits: DatabaseLimits;
  readonly #shares: AccountShares;

  constructor(
    readonly dataSource: DataSource,
    limits: Partial<DatabaseLimits> = {},
  ) {
    this.#limits = { ...LIMITS, ...limits };
    const { poolSize = DEFAULT_POOL_SIZE } = dataSource.options;
    this.#shares = new AccountShares({ ...this.#limits, connections: poolSize });
  }

  /** @throws an Error of one line that names what is wrong and holds neither password nor URL. */
  static async connect(
    options: PersistenceOptions,
    limits: Partial<DatabaseLimits> = {},
  ): Promise<Database> {
    return new Database(await connect(options), limits);
  }

  /** @throws AppError `unavailable` while Postgres cannot be reached; StatementFailed where it refuses. */
  query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.onConnection((connection) => connection.query<Row>(sql, values));
  }

  /** Runs `work` on one connection without a transaction: each statement commits by itself. */
  onConnection<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#run(async () => {
      const runner = this.dataSource.createQueryRunner();
      try {
        return await work(connectionOf(runner));
      } finally {
        await runner.release();
      }
    });
  }

  /**
   * For the hottest statements: parsed and planned once per connection under `name`. TypeORM has no named statements,
   * so this asks its pool.
   */
  prepared<Row extends object>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    return this.#run(
      async () => (await this.#pool.query<Row>({ name, text, values: [...values] })).rows,
    );
  }

  /** The only way to open a transaction. An error that `work` throws rolls it back. Never call a model inside `work`. */
  inTransaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#run(() =>
      this.dataSource.transaction(({ queryRunner }) => {
        if (queryRunner === undefined) throw new Error('A transaction without a connection');
        return work(connectionOf(queryRunner));
      }),
    );
  }

  /**
   * What one account reads: within its share of the pool, in one read-only transaction whose statements Postgres ends after
   * five seconds, and at once when `signal` aborts. Not for use within `write`, or within itself.
   * @throws AppError `unavailable` when a statement took too long; `rate_limited` when too many calls of the account run.
   */
  read<Result>(
    accountId: string,
    work: (connection: Connection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const options = { timeoutMs: this.#limits.readTimeoutMs, signal };
    const reading = (): Promise<Result> =>
      this.#run(() => readOnly(this.dataSource, this.#pool, options, work));
    return this.#shares.within(accountId, reading, signal);
  }

  /** A transaction of one account, within its share of the pool. @throws AppError `rate_limited` when too many calls of the account run. */
  write<Result>(
    accountId: string,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    return this.#shares.within(accountId, () => this.inTransaction(work));
  }

  /**
   * A transaction that keeps what a model has written for an account, within its share of the pool. It waits for its place
   * however long that takes: refused, the job would be run again, and the model asked again.
   */
  keep<Result>(
    accountId: string,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    return this.#shares.withinPatiently(accountId, () => this.inTransaction(work));
  }

  /** For the readiness probe: never throws, never waits longer than this. */
  async isReachable(timeoutMs: number): Promise<boolean> {
    const deadline = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => deadline.resolve(false), timeoutMs);
    const answer = this.query('select 1').then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answer, deadline.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  get #pool(): Pool {
    return (this.dataSource.driver as unknown as { readonly master: Pool }).master;
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      if (!this.dataSource.isInitialized) throw new Error('Client was closed: shutting down');
      return await work();
    } catch (error) {
      throw failureOfStatement(error);
    }
  }
}

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
