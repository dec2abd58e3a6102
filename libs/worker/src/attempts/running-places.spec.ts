import { describe, expect, it } from 'vitest';

import { RunningPlaces } from './running-places.js';

const TEN = Array.from({ length: 10 }, (_, index) => String(index));

/** Takes places in turn for each account until none may take one more. @returns how many each has. */
function fill(places: RunningPlaces, accounts: readonly string[]): number[] {
  const counts = accounts.map(() => 0);
  let hasTaken = true;
  while (hasTaken) {
    hasTaken = false;
    for (const [index, account] of accounts.entries()) {
      if (!places.mayTake(account)) continue;
      places.take(account);
      counts[index] = (counts[index] ?? 0) + 1;
      hasTaken = true;
    }
  }
  return counts;
}

describe('the running places of a worker', () => {
  it.each([1, 2, 3, 20, 200])('are %i for an account without others', (concurrency) => {
    expect(fill(new RunningPlaces(concurrency), ['a'])).toEqual([concurrency]);
  });

  it('are shared equally by accounts that start together, and are never all taken', () => {
    expect(fill(new RunningPlaces(200), ['a', 'b'])).toEqual([120, 120]);
    const ten = new RunningPlaces(200);
    for (const count of fill(ten, TEN)) expect(count).toBeCloseTo(600 / 21, -1);
    expect(ten.taken).toBeLessThan(ten.mostTaken);
    expect(new RunningPlaces(1).mostTaken).toBe(1);
  });

  it.each([1, 2, 200])(
    'include a free one for a new account while another runs %i jobs',
    (concurrency) => {
      const places = new RunningPlaces(concurrency);
      fill(places, ['a']);
      expect(places.mayTake('b')).toBe(true);
    },
  );

  it('are refused to an account over its share until enough of its jobs have ended', () => {
    const places = new RunningPlaces(200);
    const first = Array.from({ length: 200 }, () => places.take('a'));
    expect(fill(places, ['b'])).toEqual([67]);
    for (const place of first.splice(0, 20)) place[Symbol.dispose]();
    expect(places.mayTake('a')).toBe(false);
    expect(places.mayTake('b')).toBe(true);
    for (const place of first.splice(0, 50)) place[Symbol.dispose]();
    expect(places.mayTake('a')).toBe(true);
  });
});
