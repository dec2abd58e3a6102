import { describe, expect, it } from 'vitest';

import { type ProbationPlace, Probation } from './probation.js';

const ALLOWED = 10;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;

const enter = (probation: Probation, times: number, refused = 0, now = NOW): ProbationPlace[] =>
  Array.from({ length: times }, () => probation.enter('a', refused, ALLOWED, now));
const admitted = (places: readonly ProbationPlace[]): number =>
  places.filter(({ waitMs }) => waitMs === undefined).length;

describe('a caller', () => {
  it('with no key refused lately has as many calls under way as there are', () => {
    expect(admitted(enter(new Probation(), 1_000))).toBe(1_000);
  });

  it('with some refused has no more than may still be refused', () => {
    expect(admitted(enter(new Probation(), 1_000, 3))).toBe(7);
  });

  it('is held to that for ten minutes after the last, though the count has begun anew', () => {
    const probation = new Probation();
    probation.begin('a', NOW);
    expect(admitted(enter(probation, 1_000, 0, NOW + 9 * MINUTE))).toBe(10);
    expect(admitted(enter(probation, 1_000, 0, NOW + 10 * MINUTE))).toBe(1_000);
  });

  it('has a place again when a call is over, and one that was not admitted leaves none', () => {
    const probation = new Probation();
    const places = enter(probation, 12, 8);
    expect(admitted(places)).toBe(2);
    for (const place of places) place[Symbol.dispose]();
    expect(admitted(enter(probation, 12, 8))).toBe(2);
  });

  it('is no matter to another', () => {
    const probation = new Probation();
    probation.begin('b', NOW);
    expect(admitted(enter(probation, 50))).toBe(50);
  });

  it('is told to come back at another time than the next', () => {
    const waits = enter(new Probation(), 30, ALLOWED).map(({ waitMs }) => waitMs ?? 0);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(new Set(waits).size).toBeGreaterThan(20);
  });
});
