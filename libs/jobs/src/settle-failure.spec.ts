import { expect, it } from 'vitest';

import { shortestWaitMs } from './settle-failure.js';

const HOUR_MS = 3_600_000;

it('waits a second for a provider that asks for less, the first ten times', () => {
  for (let begun = 1; begun <= 10; begun += 1) expect(shortestWaitMs(begun)).toBe(1_000);
});

it('asks a provider that always says "in a second" less than a hundred times in an hour', () => {
  let calls = 0;
  for (let at = 0; at < HOUR_MS; at += shortestWaitMs(calls)) calls += 1;
  expect(calls).toBeLessThan(100);
  expect(shortestWaitMs(1_000)).toBe(60_000);
});
