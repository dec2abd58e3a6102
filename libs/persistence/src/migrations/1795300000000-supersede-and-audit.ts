import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Verdicts of the classifier, indexes for reading a chain, and an audit that only accepts inserts. */
export class SupersedeAndAudit1795300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The reasoning may quote either memory, so the row goes with the first of them that is erased.
      create table classifications (
        memory_id uuid not null,
        candidate_id uuid not null,
        account_id uuid not null,
        verdict text not null,
        confidence double precision not null,
        reasoning text not null,
        model text not null,
        classified_at timestamptz(3) not null,
        constraint classifications_pk primary key (memory_id, candidate_id),
        constraint classifications_memory foreign key (memory_id) references memories (id) on delete cascade,
        constraint classifications_candidate foreign key (candidate_id) references memories (id) on delete cascade,
        constraint classifications_verdict check (verdict in ('supersedes', 'refines', 'independent'))
      );
      create index classifications_of_candidate on classifications (candidate_id);

      create index memory_versions_of_successor on memory_versions (superseded_by) where superseded_by is not null;
      create index memories_of_write on memories (write_id);

      -- The receipt of an erased tenant or account belongs to no one memory.
      alter table audit_events alter column memory_id drop not null;

      -- '' is the default tenant; null: of the account as a whole. The successor leads along a chain past what was erased.
      alter table audit_events add column tenant_id text, add column successor_id uuid;
      update audit_events e set tenant_id = m.tenant_id from memories m where m.id = e.memory_id;
      create index audit_events_of_successor on audit_events (account_id, successor_id) where successor_id is not null;

      create function refuse_change() returns trigger language plpgsql as $$
        begin
          raise exception 'this table is append-only' using errcode = 'insufficient_privilege';
        end $$;
      create trigger audit_events_append_only before update or delete or truncate on audit_events
        for each statement execute function refuse_change();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger audit_events_append_only on audit_events;
      drop function refuse_change();
      drop index audit_events_of_successor;
      alter table audit_events drop column successor_id, drop column tenant_id, alter column memory_id set not null;
      drop index memories_of_write, memory_versions_of_successor;
      drop table classifications;
    `);
  }
}
