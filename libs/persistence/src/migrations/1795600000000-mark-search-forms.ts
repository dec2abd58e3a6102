import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `search_form`: the version of the code that built a search document and a fold. Existing rows, and rows that processes of an
 * older version still insert, have form 0. Upkeep rebuilds them, which takes them out of the index.
 */
export class MarkSearchForms1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table memories add column search_form smallint not null default 0;
      create index memories_of_older_form on memories (account_id, id) where search_form < 1;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index memories_of_older_form;
      alter table memories drop column search_form;
    `);
  }
}
