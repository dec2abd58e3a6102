import { Client } from 'pg';
import { expect, it, vi } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const WRITES = 12;
const WITHIN = { timeout: 20_000, interval: 20 };

/** Postgres writes what no commit waits for after 10 seconds, so a crash forgets the claims for certain. */
const bench = await perFile(
  faultBench({ postgres: { settings: ['wal_writer_delay=10s', 'autovacuum=off'] } }),
);

async function statesAre(expected: unknown): Promise<void> {
  await vi.waitFor(async () => {
    const client = new Client({ connectionString: bench.postgres.url });
    await client.connect();
    try {
      const { rows } = await client.query(
        'select state, attempt, count(*)::int as count from writes group by 1, 2 order by 1, 2',
      );
      expect(rows).toEqual(expected);
    } finally {
      await client.end();
    }
  }, WITHIN);
}

it('a crash of Postgres that forgets claims costs no write and no second call of the model', async () => {
  bench.plan({ times: WRITES, delayMs: 5_000 });
  // All claims come after the last commit that waits for the disk: that one would write them too.
  bench.product.signal('extraction-worker', 'SIGSTOP');
  const posted = await Promise.all(
    Array.from({ length: WRITES }, (_, nth) => bench.post(nth % 2 === 0)),
  );
  expect(posted.map(({ status }) => status)).toEqual(posted.map(() => 202));
  bench.product.signal('extraction-worker', 'SIGCONT');
  await statesAre([{ state: 'running', attempt: 1, count: WRITES }]);
  // An immediate shutdown: Postgres stops as in a crash, and recovers from what it has written.
  await bench.postgres.stop('SIGQUIT');
  await bench.postgres.start();
  await statesAre([{ state: 'queued', attempt: 0, count: WRITES }]);
  const { succeeded, failures } = await bench.settled();
  expect({ succeeded, failures }).toEqual({ succeeded: WRITES, failures: {} });
  expect(bench.product.simulator.calls).toHaveLength(WRITES);
  await statesAre([{ state: 'succeeded', attempt: 1, count: WRITES }]);
});
