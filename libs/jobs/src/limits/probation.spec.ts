import { describe, expect, it } from 'vitest';

import { type ProbationPlace, Probation } from './probation.js';

const ALLOWED = 10;
const NOW = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;

const enter = (probation: Probation, times: number, refused = 0, now = NOW): ProbationPlace[] =>
  Array.from({ length: times }, () => probation.enter('a', refused, ALLOWED, now));
const admitted = (places: readonly ProbationPlace[]): number =>
  places.filter(({ waitMs }) => waitMs === undefined).length;

describe('Probation', () => {
  it('does not limit the calls of a caller without rejected keys', () => {
    expect(admitted(enter(new Probation(), 1_000))).toBe(1_000);
  });

  it('limits the calls under way to the number of keys that may still be rejected', () => {
    expect(admitted(enter(new Probation(), 1_000, 3))).toBe(7);
  });

  it('lasts ten minutes after the last rejection, even if the count has started again', () => {
    const probation = new Probation();
    probation.begin('a', NOW);
    expect(admitted(enter(probation, 1_000, 0, NOW + 9 * MINUTE))).toBe(10);
    expect(admitted(enter(probation, 1_000, 0, NOW + 10 * MINUTE))).toBe(1_000);
  });

  it('frees a place when its call ends, and not when a refused call ends', () => {
    const probation = new Probation();
    const places = enter(probation, 12, 8);
    expect(admitted(places)).toBe(2);
    for (const place of places) place[Symbol.dispose]();
    expect(admitted(enter(probation, 12, 8))).toBe(2);
  });

  it('does not limit another caller', () => {
    const probation = new Probation();
    probation.begin('b', NOW);
    expect(admitted(enter(probation, 50))).toBe(50);
  });

  it('gives refused calls different delays', () => {
    const waits = enter(new Probation(), 30, ALLOWED).map(({ waitMs }) => waitMs ?? 0);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(new Set(waits).size).toBeGreaterThan(20);
  });
});
