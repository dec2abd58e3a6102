import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

import { AccountShares } from './account-shares.js';
import { connect, type PersistenceOptions } from './data-source.js';
import { failureOfStatement } from './failed-statement.js';
import { type ReadConnection, readOnly } from './read-only.js';
import { type Connection, connectionOf, type Statements, ONE_PLAN } from './statements.js';

interface DatabaseLimits {
  /** How long one statement of `read` may run. */
  readonly readTimeoutMs: number;
  /** How many calls of one account may wait for a connection of its share. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** A frequent statement, which each connection plans once. */
export interface PlannedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** False: a crash of Postgres within the next second may forget the transaction. No later transaction outlives it. */
  readonly isDurable?: boolean;
}

const NOT_DURABLE = 'set local synchronous_commit = off';

const LIMITS: DatabaseLimits = { readTimeoutMs: 5_000, maxWaiting: 1_000, maxWaitMs: 5_000 };
/** The default of pg. */
const DEFAULT_POOL_SIZE = 10;

/** The connection pool of one process: statements, transactions, and the readiness check. */
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

  /** @throws an Error with a message of one line, without the password and the URL. */
  static async connect(
    options: PersistenceOptions,
    limits: Partial<DatabaseLimits> = {},
  ): Promise<Database> {
    return new Database(await connect(options), limits);
  }

  /** @throws AppError `unavailable` while Postgres cannot be reached; StatementFailed when it rejects the statement. */
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
   * Runs one of the most frequent statements. Postgres parses it once per connection, under `name`, and may keep its plan.
   * TypeORM has no named statements, so this method uses the pool directly.
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

  /**
   * Runs a statement in a transaction with settings of its own: settings of the connection would change the plans of other
   * statements. `begin`, the statement and `commit` are sent together, so they take one round trip.
   */
  planned<Row extends object>({
    name,
    text,
    values,
    isDurable = true,
  }: PlannedStatement): Promise<readonly Row[]> {
    return this.#run(async () => {
      const client = await this.#pool.connect();
      const [begun, ran, committed] = await Promise.allSettled([
        client.query(`begin; ${isDurable ? ONE_PLAN : `${ONE_PLAN}; ${NOT_DURABLE}`}`),
        client.query<Row>({ name, text, values: [...values] }),
        client.query('commit'),
      ]);
      // After a failed statement, `commit` ends the transaction by a rollback and succeeds.
      client.release(committed.status === 'rejected');
      if (ran.status === 'rejected') throw ran.reason;
      if (begun.status === 'rejected') throw begun.reason;
      if (committed.status === 'rejected') throw committed.reason;
      return ran.value.rows;
    });
  }

  /**
   * Runs `work` in a transaction, and rolls it back if `work` throws. Never
   * call a model inside `work`.
   */
  inTransaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#run(() =>
      this.dataSource.transaction(({ queryRunner }) => {
        if (queryRunner === undefined) throw new Error('A transaction without a connection');
        return work(connectionOf(queryRunner));
      }),
    );
  }

  /**
   * Runs `work` for one account, within its share of the pool, in one read-only transaction. Postgres cancels a statement
   * after `readTimeoutMs`, and at once when `signal` aborts. Never call it inside the `work` of `read` or `write`.
   * @throws AppError `unavailable` when a statement took too long or `signal` aborted; `rate_limited` when too many calls of
   * the account wait, or this one waited too long for a connection.
   */
  read<Result>(
    accountId: string,
    work: (connection: ReadConnection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const options = { timeoutMs: this.#limits.readTimeoutMs, signal };
    const reading = (): Promise<Result> =>
      this.#run(() => readOnly(this.dataSource, this.#pool, options, work));
    return this.#shares.within(accountId, reading, signal);
  }

  /**
   * Runs a transaction of one account within its share of the pool.
   * @throws AppError `rate_limited` when too many calls of the account wait, or this one waited too long for a connection.
   */
  write<Result>(
    accountId: string,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    return this.#shares.within(accountId, () => this.inTransaction(work));
  }

  /** The same for a transaction of one statement. */
  writeAtOnce<Row extends object>(
    accountId: string,
    statement: PlannedStatement,
  ): Promise<readonly Row[]> {
    return this.#shares.within(accountId, () => this.planned<Row>(statement));
  }

  /**
   * Runs the transaction that stores the result of a job, within the account's share of the pool. It waits for a connection
   * without a time limit: if it failed, the job would run again and pay for the same model calls twice.
   */
  storeResult<Result>(
    accountId: string,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    return this.#shares.withinPatiently(accountId, () => this.inTransaction(work));
  }

  /** For the readiness probe: never throws, and answers within `timeoutMs`. */
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
 * Runs `work` while holding an advisory lock, on one connection of the pool. The lock belongs to the transaction, so it works
 * behind a pooler, and Postgres releases it when the process dies. A broken connection releases it while `work` still runs,
 * so `work` must be safe to run twice at the same time.
 * @returns false when another process holds the lock: `work` was not run.
 */
export function withExclusiveLock(
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
