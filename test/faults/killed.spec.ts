import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const bench = await perFile(faultBench({ twice: ['gateway', 'extraction-worker'] }));

describe('a load while processes are killed', () => {
  it('loses no accepted write, and stores none twice', async () => {
    // Attempts are under way when their worker dies: the model takes its time.
    bench.plan({ times: 40, delayMs: 1_500 });
    const load = bench.load();
    for (const app of ['extraction-worker', 'gateway', 'extraction-worker-2', 'gateway-2']) {
      await delay(1_500);
      await bench.product.restart(app);
    }
    await load.stop();
    const { accepted, succeeded, failures } = await bench.settled();
    expect(accepted).toBeGreaterThan(50);
    expect(failures).toEqual({});
    expect(succeeded).toBe(accepted);
  });
});
