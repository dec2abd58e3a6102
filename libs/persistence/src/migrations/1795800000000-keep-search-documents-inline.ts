import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A search document stays in the row of its memory, compressed if it must be, as long as the row fits a page. Ranking reads each of
 * them, and reading one from the TOAST table costs as much again. Existing rows change when they are next written.
 */
export class KeepSearchDocumentsInline1795800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table memories alter column search_document set storage main');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table memories alter column search_document set storage extended');
  }
}
