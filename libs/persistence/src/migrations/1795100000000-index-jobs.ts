import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes for upkeep. No index contains `state`: a claim changes the state, and would then have to update every index.
 * `next_check_at` is null exactly when a job has ended, and `failure` exactly when it has not failed.
 */
export class IndexJobs1795100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(`
        create index ${table}_next_check on ${table} (next_check_at) where next_check_at is not null;
        create index ${table}_kept_a_day on ${table} (finished_at) where finished_at is not null and failure is null;
        create index ${table}_kept_a_week on ${table} (finished_at) where failure is not null;
      `);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(
        `drop index ${table}_next_check, ${table}_kept_a_day, ${table}_kept_a_week`,
      );
    }
  }
}

const TABLES = ['writes', 'queries'];
