import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const DOWN_MS = 10_000;
/** With room for a little load, and little enough to be full at once. */
const DISK_MEGABYTES = 256;
const APPS = ['gateway', 'extraction-worker', 'query-worker'];

const bench = await perFile(faultBench({ postgres: { diskMegabytes: DISK_MEGABYTES } }));

const everyAppIs = (status: number): Promise<void> => bench.untilReadinessIs(status, APPS);

describe('Postgres', () => {
  it('whose connections are cut repeatedly loses no write', async () => {
    const load = bench.load();
    for (let cut = 0; cut < 8; cut += 1) {
      await delay(500);
      await bench.postgres.cutConnections();
    }
    await load.stop();
    const { accepted, succeeded, failures } = await bench.settled();
    expect(failures).toEqual({});
    expect(succeeded).toBe(accepted);
    expect(accepted).toBeGreaterThan(20);
  });

  it('that is down for ten seconds is named by readiness, and all writes succeed afterwards', async () => {
    bench.plan({ times: 20, delayMs: 2_000 });
    const load = bench.load();
    await delay(1_000);
    await bench.postgres.stop();
    await everyAppIs(503);
    expect((await bench.product.readiness('gateway'))?.body).toContain('"postgres":"down"');
    expect((await bench.post(true)).status).toBe(503);
    await delay(DOWN_MS);
    await bench.postgres.start();
    await everyAppIs(200);
    await load.stop();
    const { accepted, succeeded, failures } = await bench.settled();
    expect(failures).toEqual({});
    expect(succeeded).toBe(accepted);
  });

  it('with a full disk rejects writes, and accepts them again once it has room', async () => {
    const load = bench.load();
    await delay(500);
    bench.postgres.fillDisk();
    await vi.waitFor(async () => expect((await bench.post(true)).status).toBe(503), {
      timeout: 60_000,
      interval: 20,
    });
    await delay(2_000);
    bench.postgres.emptyDisk();
    // Postgres ends when it cannot write its log, as it should: its operator starts it again.
    await bench.postgres.start();
    await everyAppIs(200);
    await vi.waitFor(async () => expect((await bench.post(true)).status).toBe(202));
    await load.stop();
    const { accepted, succeeded, failures } = await bench.settled();
    expect(failures).toEqual({});
    expect(succeeded).toBe(accepted);
  });
});
