import type { MigrationInterface, QueryRunner } from 'typeorm';

/** First answers of Idempotency-Keys, erasures, and indexes for lists of jobs, newest first. */
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

      -- Of one tenant ('' is the default one), of the memories of all tenants, or of the account with all that it holds.
      create table erasures (
        id uuid not null,
        account_id uuid not null,
        api_key_id uuid,
        extent text not null,
        tenant_id text,
        state text not null,
        deleted_count integer not null default 0,
        turn_count integer not null default 0,
        job_count integer not null default 0,
        request_id text not null,
        created_at timestamptz(3) not null,
        started_at timestamptz(3),
        finished_at timestamptz(3),
        constraint erasures_pk primary key (id),
        constraint erasures_extent check (extent in ('tenant', 'memories', 'account')),
        constraint erasures_tenant check ((tenant_id is null) = (extent <> 'tenant')),
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
