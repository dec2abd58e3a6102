-- The servers of a benchmark come with the schema of the product, which the bare programs do without.
drop schema public cascade;
create schema public;
create extension pg_stat_statements;

create table writes (
  id uuid primary key,
  account_id uuid not null,
  tenant_id text not null,
  state text not null,
  attempt integer not null default 0,
  request jsonb,
  request_id text not null,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz
);

create table facts (
  id bigint generated always as identity primary key,
  write_id uuid not null references writes (id),
  account_id uuid not null,
  tenant_id text not null,
  text text not null,
  topic text not null,
  category text not null,
  importance smallint not null,
  created_at timestamptz not null
);
