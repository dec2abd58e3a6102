import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { type FaultBench, faultBench } from '../support/fault-bench.js';

const HOUR_MS = 3_600_000;

let bench: FaultBench;

afterEach(() => bench.close());

describe.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])('a clock that steps an hour %s', (_, stepMs) => {
  it.each(['extraction-worker', 'gateway'])(
    'in one %s loses nothing and stores nothing twice',
    async (app) => {
      bench = await faultBench({
        twice: ['gateway', 'extraction-worker'],
        environment: {
          NODE_OPTIONS: `--import ${new URL('../support/step-clock.mjs', import.meta.url).href}`,
          CLOCK_STEP_MS: String(stepMs),
        },
      });
      const load = bench.load();
      await delay(1_000);
      bench.product.signal(app, 'SIGUSR2');
      await delay(2_000);
      await load.stop();
      const { accepted, succeeded, failures } = await bench.settled();
      expect(failures).toEqual({});
      expect(succeeded).toBe(accepted);
    },
  );
});
