import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Settings of API keys, and counters of quota and usage. A counter has sixteen slots per account and period: with a single row,
 * every write of an account would wait for the lock of the write before it.
 */
export class LimitAccounts1795200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Only what was changed: what is not named here has the default of the code that reads it.
      alter table api_keys add column settings jsonb not null default '{}';

      -- A period is a month, by its first day in UTC.
      create table quota_slots (
        account_id uuid not null,
        period date not null,
        kind text not null,
        slot smallint not null,
        used integer not null,
        constraint quota_slots_pk primary key (account_id, period, kind, slot),
        constraint quota_slots_kind check (kind in ('write', 'query')),
        constraint quota_slots_used check (used >= 0)
      );

      -- When an account first asked for more than its quota: the grace period begins then.
      create table quota_exhaustions (
        account_id uuid not null,
        period date not null,
        exhausted_at timestamptz(3) not null,
        constraint quota_exhaustions_pk primary key (account_id, period)
      );

      create table usage_slots (
        account_id uuid not null,
        period date not null,
        owner text not null,
        slot smallint not null,
        calls bigint not null,
        input_tokens bigint not null,
        output_tokens bigint not null,
        constraint usage_slots_pk primary key (account_id, period, owner, slot),
        constraint usage_slots_owner check (owner in ('caller', 'bundled'))
      );

      -- Where a write was counted, so that one that is refused after all is given back.
      alter table writes add column quota_period date, add column quota_slot smallint;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table writes drop column quota_period, drop column quota_slot;
      drop table usage_slots, quota_exhaustions, quota_slots;
      alter table api_keys drop column settings;
    `);
  }
}
