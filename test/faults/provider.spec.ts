import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

const bench = await perFile(
  faultBench({
    environment: { LLM_TIMEOUT_MS: '1000', ATTEMPT_TIMEOUT_MS: '5000', WORKER_CONCURRENCY: '20' },
  }),
);

describe('a provider that never answers', () => {
  it('delays no write beyond the timeout of a call, and all writes succeed once it answers', async () => {
    bench.plan({ times: 60, scenario: 'hang' });
    const load = bench.load();
    await delay(3_000);
    await load.stop();
    const { accepted, succeeded, failures } = await bench.settled();
    expect(failures).toEqual({});
    expect(succeeded).toBe(accepted);
    expect(bench.product.simulator.calls.length).toBeGreaterThan(accepted);
  });
});
