import { aFact, aNewQuery, aNewWrite, extracted } from '@app/memory/testing';
import { PostgresJobLifecycle } from '@app/persistence';
import { describe, expect, it } from 'vitest';

import { connectedDatabase } from '../support/connected.js';
import { perFile } from '../support/per-file.js';

/** One connection: its plans are made while all tables are empty, and its statistics are complete at once. */
const { database } = await perFile(connectedDatabase({ poolSize: 1 }));
const jobs = new PostgresJobLifecycle(database);

/** How often each table was read from end to end. */
async function fullReads(): Promise<ReadonlyMap<string, number>> {
  await database.query('select pg_stat_force_next_flush()');
  const rows = await database.query<{ name: string; reads: number }>(
    'select relname as name, seq_scan::int as reads from pg_stat_user_tables',
  );
  return new Map(rows.map(({ name, reads }) => [name, reads]));
}

const setting = async (name: string): Promise<string | undefined> =>
  (await database.query<{ value: string }>('select current_setting($1) as value', [name]))[0]
    ?.value;

const run = ({ id }: { readonly id: string }) => ({ id, run: 1 });

async function work(): Promise<void> {
  const writes = Array.from({ length: 12 }, () => aNewWrite());
  const queries = Array.from({ length: 12 }, () => aNewQuery());
  await jobs.accept('write', writes);
  await jobs.accept('query', queries);
  await jobs.claim('query', queries.map(run));
  const claims = await jobs.claim('write', writes.map(run));
  const result = extracted([aFact(), aFact({ text: 'Ana sails.' })]);
  const outcomes = await jobs.succeed(
    'write',
    claims.map((claim) => ({ claim: claim!, result })),
  );
  expect(outcomes).toEqual(
    writes.map(() => ({ status: 'fulfilled', value: { memoriesStored: 2 } })),
  );
}

describe('the statements over many jobs', () => {
  it('find their rows by indexes, though their plans were made while the tables were empty', async () => {
    const before = await fullReads();
    for (let round = 0; round < 3; round += 1) await work();
    expect(await fullReads()).toEqual(before);
  });

  it('are planned once for all executions on a connection', async () => {
    await work();
    const plans = await database.query(
      `select name, generic_plans > 5 as generic, custom_plans::int as custom from pg_prepared_statements
        where name !~ 'accept' order by name`,
    );
    expect(plans).toEqual(
      ['claim_query', 'claim_write', 'complete_writes'].map((name) => ({
        name,
        generic: true,
        custom: 0,
      })),
    );
  });

  it('leave the settings of their connection as they were, also after an error', async () => {
    await expect(jobs.claim('write', [{ id: 'no id', run: 1 }])).rejects.toThrow('22P02');
    expect(await setting('plan_cache_mode')).toBe('auto');
    expect(await setting('enable_seqscan')).toBe('on');
    await work();
  });
});
