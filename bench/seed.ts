import type { Servers } from './servers.js';

const BATCH = 50_000;
const TABLES = ['memories', 'memory_versions', 'audit_events'];

/**
 * Memories of 20 words. Few words are common and most are rare, as in a language: word0 is in nearly every third memory, and
 * each of the last words in a handful.
 */
const FILL = `
  with made as (
    insert into memories (id, account_id, tenant_id, source, metadata, text, fold_hash, topic, category, importance, write_id,
                          created_at, captured_at, valid_from, search_document, search_form)
    select gen_random_uuid(), $1, $2, 'agent', '{}', said.text, sha256(said.text::bytea), 'General', 'other', 5, gen_random_uuid(),
           said.at, said.at, said.at, setweight(search_words(said.text), 'A'), 1
      from (select 'Fact ' || n || ' ' || words.text as text, now() - make_interval(secs => n) as at
              from generate_series($3::int, $4::int) as n,
                   lateral (select string_agg('word' || floor(20000 * random() ^ 3), ' ') as text
                              from generate_series(1, 20 + 0 * n)) as words) as said
    returning id, account_id, tenant_id, write_id, created_at
  ), born as (
    insert into memory_versions (memory_id, account_id, valid_from, believed_from)
    select id, account_id, created_at, created_at from made
  )
  insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details)
  select account_id, id, tenant_id, 'memory.created', created_at, null, jsonb_build_object('write_id', write_id) from made`;

const SECONDARY_INDEXES = `
  select c.relname as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid
   where i.indrelid = any($1::regclass[])
     and not exists (select from pg_constraint held where held.conindid = i.indexrelid)`;

export interface Seed {
  readonly accountId: string;
  readonly tenant: string;
  readonly memories: number;
  readonly step: (text: string) => void;
}

/** Fills one tenant with memories, their versions and their audit events, in the product's own tables. */
export async function seedMemories(servers: Servers, seed: Seed): Promise<void> {
  const { accountId, tenant, memories, step } = seed;
  const indexes = await servers.sql<{ name: string; definition: string }>(SECONDARY_INDEXES, [
    TABLES,
  ]);
  const isLarge = memories > BATCH;
  // One million rows are inserted in a fraction of the time if the indexes are built at the end.
  if (isLarge) {
    for (const { name } of indexes) await servers.sql(`drop index ${name}`);
  }
  await servers.sql(`set synchronous_commit = off`);
  await servers.sql(`set maintenance_work_mem = '512MB'`);
  // The rows are made together, so no foreign key needs a check.
  await servers.sql(`set session_replication_role = replica`);
  for (let first = 1; first <= memories; first += BATCH) {
    const last = Math.min(memories, first + BATCH - 1);
    await servers.sql(FILL, [accountId, tenant, first, last]);
    step(`${last.toLocaleString('en')} of ${memories.toLocaleString('en')} memories`);
  }
  if (isLarge) {
    for (const { name, definition } of indexes) {
      step(`index ${name}`);
      await servers.sql(definition);
    }
  }
  await servers.sql(`set session_replication_role = origin`);
  step('vacuum');
  await servers.sql(`vacuum (analyze) ${TABLES.join(', ')}`);
}

/** A question of three words: a common one, a less common one and a rare one. */
export function newQuestion(random: () => number = Math.random): string {
  const word = (from: number, to: number): string =>
    `word${Math.floor(from + (to - from) * random())}`;
  return `${word(0, 50)} ${word(50, 2_000)} ${word(2_000, 20_000)}`;
}
