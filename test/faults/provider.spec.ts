import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type FaultBench, faultBench } from '../support/fault-bench.js';

let bench: FaultBench;

beforeAll(async () => {
  bench = await faultBench({
    environment: { LLM_TIMEOUT_MS: '1000', JOB_DEADLINE_MS: '5000', WORKER_CONCURRENCY: '20' },
  });
});
afterAll(() => bench.close());

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
