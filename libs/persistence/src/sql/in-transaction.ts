import type { DataSource, EntityManager } from 'typeorm';

import type { Statements } from './statements.js';

/** The one way to open a transaction. What `work` throws rolls it back. Never around a model call. */
export function inTransaction<Result>(
  dataSource: DataSource,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> {
  return dataSource.transaction((manager) => work(statementsOf(manager)));
}

function statementsOf({ queryRunner }: EntityManager): Statements {
  if (queryRunner === undefined) throw new Error('A transaction without a connection');
  return {
    query: async <Row>(sql: string, values: readonly unknown[] = []) =>
      (await queryRunner.query(sql, [...values], true)).records as Row[],
  };
}
