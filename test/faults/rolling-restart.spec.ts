import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const APPS = ['gateway', 'extraction-worker', 'gateway-2', 'extraction-worker-2', 'query-worker'];

const bench = await perFile(faultBench({ twice: ['gateway', 'extraction-worker'] }));

describe('a rolling restart of every app under load', () => {
  it('loses no write, and answers no server error but 503', async () => {
    // Longer than a worker's grace here: what runs is handed back.
    bench.plan({ times: 30, delayMs: 1_000 });
    const load = bench.load();
    for (const app of APPS) {
      await delay(1_000);
      await bench.product.restart(app, 'SIGTERM');
    }
    await load.stop();
    // `settled` fails on any answer but 202 and a 503 that says when to come again.
    const { accepted, succeeded, failures } = await bench.settled();
    expect(accepted).toBeGreaterThan(50);
    expect(failures).toEqual({});
    expect(succeeded).toBe(accepted);
  });
});
