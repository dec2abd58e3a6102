import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { type FaultBench, faultBench } from '../support/fault-bench.js';

const HOUR_MS = 3_600_000;

let bench: FaultBench;

afterEach(() => bench.close());

/** One process steps, whichever way: its neighbours and Postgres do not. With FAULTS_ALL each of both goes both ways. */
const STEPS: readonly (readonly [app: string, way: string, stepMs: number])[] = [
  ['extraction-worker', 'forward', HOUR_MS],
  ['gateway', 'back', -HOUR_MS],
  ...(process.env['FAULTS_ALL'] === undefined
    ? []
    : ([
        ['extraction-worker', 'back', -HOUR_MS],
        ['gateway', 'forward', HOUR_MS],
      ] as const)),
];

describe('a clock that steps by an hour', () => {
  it.each(STEPS)(
    'in one %s, %s, loses nothing and stores nothing twice',
    async (app, _, stepMs) => {
      bench = await faultBench({
        twice: ['gateway', 'extraction-worker'],
        environment: {
          NODE_OPTIONS: `--import ${new URL('../support/step-clock.mjs', import.meta.url).href}`,
          CLOCK_STEP_MS: String(stepMs),
        },
      });
      const load = bench.load();
      await delay(1_000);
      bench.product.signal(app, 'SIGPWR');
      await delay(2_000);
      await load.stop();
      const { accepted, succeeded, failures } = await bench.settled();
      expect(failures).toEqual({});
      expect(succeeded).toBe(accepted);
    },
  );
});
