import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

/** Longer than a lock lasts (15 s), and than it takes to notice (twice 10 s). */
const TAKEN_OVER_WITHIN_MS = 60_000;

const bench = await perFile(faultBench({ twice: ['extraction-worker'] }));

describe('a worker that is paused for longer than its lock', () => {
  it('changes nothing of its jobs after another worker took them over', async () => {
    const { simulator } = bench.product;
    // The second worker may not take them at first, and the model answers only when the first one sleeps.
    bench.product.signal('extraction-worker-2', 'SIGSTOP');
    bench.plan({ times: 6, delayMs: 5_000 });
    await Promise.all([true, false, true, false, true, false].map((byo) => bench.post(byo)));
    await vi.waitFor(() => expect(simulator.calls).toHaveLength(6), 10_000);
    bench.product.signal('extraction-worker', 'SIGSTOP');
    bench.product.signal('extraction-worker-2', 'SIGCONT');
    await vi.waitFor(() => expect(simulator.calls.length).toBeGreaterThanOrEqual(12), {
      timeout: TAKEN_OVER_WITHIN_MS,
      interval: 250,
    });
    // It wakes among their attempts, its own answers at hand.
    bench.product.signal('extraction-worker', 'SIGCONT');
    const { accepted, succeeded } = await bench.settled();
    expect(succeeded).toBe(accepted);
    await delay(500);
    // Towards the provider at least once; in the store exactly once, as `settled` has seen.
    expect(simulator.calls).toHaveLength(12);
  });
});
