import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const WRITES = 80;
const WITHIN = { timeout: 30_000, interval: 50 };

const bench = await perFile(faultBench());

const connected = async (): Promise<Client> => {
  const client = new Client({ connectionString: bench.postgres.url });
  await client.connect();
  return client;
};

/** Completions insert versions after memories, so this lock stops them in the middle of what they store. */
const LOCK = 'begin; lock table memory_versions in exclusive mode';
/** The statements that wait for the lock, oldest first. */
const WAITING = `
  select pid from pg_locks join pg_stat_activity using (pid)
   where relation = 'memory_versions'::regclass and not granted order by query_start`;
const STORED = `
  select (select count(*)::int from writes where state = 'succeeded') as writes, (select count(*)::int from memories) as facts,
         (select count(*)::int from audit_events) as events, (select sum(calls)::int from usage_slots) as calls`;

describe('a worker that is killed while it stores the results of many writes', () => {
  it('has stored each group as a whole or not at all, and the others are stored later', async () => {
    const [holder, next, reader] = await Promise.all([connected(), connected(), connected()]);
    const waiting = async (count: number): Promise<readonly { readonly pid: number }[]> =>
      vi.waitFor(async () => {
        const { rows } = await reader.query<{ pid: number }>(WAITING);
        expect(rows).toHaveLength(count);
        return rows;
      }, WITHIN);
    try {
      await holder.query(LOCK);
      const posted = await Promise.all(Array.from({ length: WRITES }, () => bench.post(false)));
      expect(posted.filter(({ status }) => status === 202)).toHaveLength(WRITES);
      // Two small groups are stopped. When the model has answered all writes, the results of the others wait in the worker.
      await waiting(2);
      await vi.waitFor(() => expect(bench.product.simulator.calls).toHaveLength(WRITES), WITHIN);
      // This lock is granted after those two groups and before the next ones, which are large.
      const locked = next.query(LOCK);
      await waiting(3);
      await holder.query('rollback');
      await locked;
      const groups = await waiting(2);
      const before = (await reader.query<{ writes: number }>(STORED)).rows[0]?.writes ?? WRITES;
      expect(before).toBeLessThan(WRITES / 2);

      await bench.product.restart('extraction-worker');
      await reader.query('select pg_terminate_backend($1)', [groups[0]?.pid]);
      await next.query('rollback');
      await waiting(0);
      const [stored] = (await reader.query<{ writes: number }>(STORED)).rows;
      expect(stored?.writes).toBeLessThan(WRITES);
      const all = stored?.writes;
      expect(stored).toEqual({ writes: all, facts: all, events: all, calls: all });
    } finally {
      await Promise.all([holder.end(), next.end(), reader.end()]);
    }
    const { accepted, succeeded, failures } = await bench.settled();
    expect(failures).toEqual({});
    expect({ accepted, succeeded }).toEqual({ accepted: WRITES, succeeded: WRITES });
  });
});
