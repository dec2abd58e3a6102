import { expect, it } from 'vitest';

import { shortestWaitMs } from './settle.js';

const HOUR_MS = 3_600_000;

it('waits at least a second in each of the first ten waits that a provider asks for', () => {
  for (let begun = 1; begun <= 10; begun += 1) expect(shortestWaitMs(begun)).toBe(1_000);
});

it('calls a provider that always asks for one second less than a hundred times in an hour', () => {
  let calls = 0;
  for (let at = 0; at < HOUR_MS; at += shortestWaitMs(calls)) calls += 1;
  expect(calls).toBeLessThan(100);
  expect(shortestWaitMs(1_000)).toBe(60_000);
});
