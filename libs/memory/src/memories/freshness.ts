import { standingOf, type Version } from './version.js';

const DAY_MS = 86_400_000;

/** 1 when it became true, halved with every half-life since; 0 once superseded or expired. Advisory: it filters nothing. */
export function freshnessOf(version: Version, now: Date, halfLifeDays: number): number {
  if (standingOf(version, now) !== 'current') return 0;
  const ageDays = Math.max(0, now.getTime() - version.validFrom.getTime()) / DAY_MS;
  return 0.5 ** (ageDays / halfLifeDays);
}
