import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

import { connect, type PersistenceOptions } from './data-source.js';
import { failureOfStatement } from './failed-statement.js';
import { inTransaction } from './in-transaction.js';
import type { Statements } from './statements.js';

/** The pool of one process: statements, transactions, and whether it can be reached. */
export class Database implements Statements {
  constructor(readonly dataSource: DataSource) {}

  /** @throws an Error of one line that names what is wrong and holds neither password nor URL. */
  static async connect(options: PersistenceOptions): Promise<Database> {
    return new Database(await connect(options));
  }

  /** @throws AppError `unavailable` while Postgres cannot be reached; StatementFailed where it refuses. */
  query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#run(async () => {
      const runner = this.dataSource.createQueryRunner();
      try {
        return (await runner.query(sql, [...values], true)).records as Row[];
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

  inTransaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    return this.#run(() => inTransaction(this.dataSource, work));
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
