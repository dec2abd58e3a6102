import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { faultBench } from '../support/fault-bench.js';
import { perFile } from '../support/per-file.js';

/** `FAULTS_SOAK_MINUTES=10 npm run test:faults` soaks for longer. */
const SOAK_MS = Number(process.env['FAULTS_SOAK_MINUTES'] ?? 0.5) * 60_000;
/** About as many writes as one worker extracts at the same time: more only make the queue longer. */
const LOADS = 2;
const HEAP_MEGABYTES = 128;
const MEBIBYTE = 1024 * 1024;
const APPS = ['gateway', 'extraction-worker'];

const bench = await perFile(
  faultBench({
    // A process that needs more dies, and its load with it.
    environment: {
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES} --max-semi-space-size=8`,
    },
  }),
);

describe(`a load of ${SOAK_MS / 1_000} seconds`, { timeout: SOAK_MS + 180_000 }, () => {
  it('fits under a heap limit, and loses no write', async () => {
    const loads = Array.from({ length: LOADS }, () => bench.load());
    const samples: Record<string, number>[] = [];
    for (const end = Date.now() + SOAK_MS; Date.now() < end; await delay(SOAK_MS / 10))
      samples.push(Object.fromEntries(APPS.map((app) => [app, bench.product.memory(app)])));
    await Promise.all(loads.map((load) => load.stop()));
    const { accepted, succeeded } = await bench.settled();
    expect(succeeded).toBe(accepted);
    for (const app of APPS) {
      const used = samples.map((sample) => sample[app] ?? 0);
      expect(Math.max(...used)).toBeLessThan((HEAP_MEGABYTES + 128) * MEBIBYTE);
    }
  });
});
