import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Three rules apply to all tables:
 * - `tenant_id` is '' for the default tenant, so that it can be a part of unique keys and of the GIN index.
 * - Every time is `timestamptz(3)`: JavaScript drops microseconds, and the next page would then skip or repeat rows.
 * - No foreign key to `accounts` from tables that are written all the time: each insert would lock the account's one row.
 */
export class CreateMemories1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table audit_events, memory_versions, memory_turns, memories, turns, queries, writes, api_keys, accounts;
      drop function search_words(text);
      drop text search configuration as_written;
      drop text search dictionary as_written;
    `);
  }
}

const ACCOUNTS = `
  create table accounts (
    id uuid not null,
    name text not null,
    plan_tier text not null,
    plan_status text not null,
    created_at timestamptz(3) not null,
    constraint accounts_pk primary key (id),
    constraint accounts_plan_status check (plan_status in ('active', 'suspended'))
  );

  create table api_keys (
    id uuid not null,
    account_id uuid not null,
    hash bytea not null,
    last_four text not null,
    name text,
    tenant_id text,
    read_only boolean not null,
    created_at timestamptz(3) not null,
    last_used_at timestamptz(3),
    expires_at timestamptz(3),
    revoked_at timestamptz(3),
    constraint api_keys_pk primary key (id),
    constraint api_keys_hash unique (hash),
    constraint api_keys_account foreign key (account_id) references accounts (id) on delete cascade
  );
  create index api_keys_of_account on api_keys (account_id);
`;

const JOBS = `
  create table writes (
    id uuid not null,
    account_id uuid not null,
    api_key_id uuid not null,
    tenant_id text not null default '',
    mode text not null,
    state text not null,
    run integer not null,
    attempt integer not null,
    llm_account text,
    llm_provider text,
    llm_model text,
    llm_base_url_host text,
    request jsonb,
    request_id text not null,
    waiting boolean not null,
    deadline_at timestamptz(3),
    next_check_at timestamptz(3),
    created_at timestamptz(3) not null,
    started_at timestamptz(3),
    finished_at timestamptz(3),
    result jsonb,
    failure jsonb,
    llm_calls integer,
    input_tokens integer,
    output_tokens integer,
    constraint writes_pk primary key (id),
    constraint writes_mode check (mode in ('content', 'messages')),
    constraint writes_state check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    constraint writes_llm_account check (llm_account in ('caller', 'bundled'))
  );

  create table queries (
    id uuid not null,
    account_id uuid not null,
    api_key_id uuid not null,
    state text not null,
    run integer not null,
    attempt integer not null,
    llm_account text not null,
    question jsonb not null,
    request_id text not null,
    deadline_at timestamptz(3) not null,
    next_check_at timestamptz(3),
    created_at timestamptz(3) not null,
    started_at timestamptz(3),
    finished_at timestamptz(3),
    answer jsonb,
    failure jsonb,
    llm_calls integer,
    input_tokens integer,
    output_tokens integer,
    constraint queries_pk primary key (id),
    constraint queries_state check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    constraint queries_llm_account check (llm_account in ('caller', 'bundled'))
  );
`;

/** The dictionary `simple` without English stop words: with them, "the" alone would match nearly every memory. */
const SEARCH = `
  create extension if not exists btree_gin;
  create text search dictionary as_written (template = pg_catalog.simple, stopwords = english);
  create text search configuration as_written (copy = pg_catalog.simple);
  alter text search configuration as_written alter mapping replace pg_catalog.simple with as_written;
  create function search_words(text) returns tsvector language sql immutable strict parallel safe
    return to_tsvector('english'::regconfig, $1) || to_tsvector('as_written'::regconfig, $1);
`;

const MEMORIES = `
  create table turns (
    id uuid not null,
    account_id uuid not null,
    write_id uuid not null,
    position integer not null,
    role text not null,
    name text,
    said_at timestamptz(3),
    text text not null,
    constraint turns_pk primary key (id),
    constraint turns_position unique (write_id, position)
  );

  -- What never changes of a memory; valid_from, valid_to and current repeat its open version, so that they filter before ranking.
  create table memories (
    id uuid not null,
    account_id uuid not null,
    tenant_id text not null default '',
    source text not null,
    session_id text,
    external_id text,
    metadata jsonb not null,
    text text not null,
    fold_hash bytea not null,
    topic text not null,
    category text not null,
    importance smallint not null,
    write_id uuid not null,
    created_at timestamptz(3) not null,
    captured_at timestamptz(3) not null,
    extraction jsonb,
    valid_from timestamptz(3) not null,
    valid_to timestamptz(3),
    current boolean not null default true,
    search_document tsvector not null,
    constraint memories_pk primary key (id),
    constraint memories_importance check (importance between 1 and 10)
  );
  create unique index memories_one_current_per_fold on memories (account_id, tenant_id, source, fold_hash) where current;
  create index memories_newest_of_tenant on memories (account_id, tenant_id, created_at, id);
  create index memories_newest_of_account on memories (account_id, created_at, id);
  create index memories_search on memories using gin (account_id, tenant_id, search_document);

  create table memory_turns (
    memory_id uuid not null,
    turn_id uuid not null,
    constraint memory_turns_pk primary key (memory_id, turn_id),
    constraint memory_turns_memory foreign key (memory_id) references memories (id) on delete cascade,
    constraint memory_turns_turn foreign key (turn_id) references turns (id)
  );
  create index memory_turns_of_turn on memory_turns (turn_id);

  create table memory_versions (
    memory_id uuid not null,
    account_id uuid not null,
    valid_from timestamptz(3) not null,
    valid_to timestamptz(3),
    superseded_by uuid,
    believed_from timestamptz(3) not null,
    believed_to timestamptz(3),
    constraint memory_versions_pk primary key (memory_id, believed_from),
    constraint memory_versions_memory foreign key (memory_id) references memories (id) on delete cascade,
    constraint memory_versions_believed check (believed_from < believed_to)
  );
  create unique index memory_versions_one_open on memory_versions (memory_id) where believed_to is null;

  -- No foreign key: the event outlives an erased memory.
  create table audit_events (
    id bigint generated always as identity,
    account_id uuid not null,
    memory_id uuid not null,
    event text not null,
    at timestamptz(3) not null,
    api_key_id uuid,
    details jsonb not null,
    constraint audit_events_pk primary key (id)
  );
  create index audit_events_of_memory on audit_events (account_id, memory_id, id);
`;

const UP = [ACCOUNTS, JOBS, SEARCH, MEMORIES];
