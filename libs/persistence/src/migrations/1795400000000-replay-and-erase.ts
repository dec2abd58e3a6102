import type { MigrationInterface, QueryRunner } from 'typeorm';

/** First answers for whoever asks twice, erasures that take a while, and lists of jobs, newest first. */
export class ReplayAndErase1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- No body: the fingerprint tells whether two are the same, and an answer is rendered again from what reply points to.
      create table idempotency_records (
        account_id uuid not null,
        route text not null,
        key_hash bytea not null,
        fingerprint bytea not null,
        state text not null,
        reply jsonb not null,
        created_at timestamptz(3) not null,
        constraint idempotency_records_pk primary key (account_id, route, key_hash),
        constraint idempotency_records_state check (state in ('running', 'kept', 'released'))
      );
      create index idempotency_records_kept_a_day on idempotency_records (created_at);

      -- A whole account has no tenant; '' is the default one.
      create table erasures (
        id uuid not null,
        account_id uuid not null,
        api_key_id uuid,
        tenant_id text,
        state text not null,
        deleted_count integer not null,
        request_id text not null,
        created_at timestamptz(3) not null,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        constraint erasures_pk primary key (id),
        constraint erasures_state check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
      );
      create index erasures_newest on erasures (account_id, created_at, id);
      create index erasures_unfinished on erasures (created_at) where finished_at is null;

      create index writes_newest on writes (account_id, created_at, id);
      create index queries_newest on queries (account_id, created_at, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index queries_newest, writes_newest;
      drop table erasures, idempotency_records;
    `);
  }
}
