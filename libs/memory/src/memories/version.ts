/** One belief about a memory's validity. Added, never edited. */
export interface Version {
  readonly memoryId: string;
  /** Valid time: the fact was true in the world from `validFrom` until `validTo` (exclusive). Null: open-ended. */
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly supersededBy: string | null;
  /** Transaction time: the system believed this from `believedFrom` until `believedTo` (exclusive). Null: still believed. */
  readonly believedFrom: Date;
  readonly believedTo: Date | null;
}

/**
 * The two points in time of a read. Without `transactionAsOf`, the current belief is read. Without `asOf`, validity is judged
 * at now; with `transactionAsOf` alone it is not judged.
 */
export interface Moment {
  readonly asOf?: Date | undefined;
  readonly transactionAsOf?: Date | undefined;
}

const covers = (from: Date, to: Date | null, at: Date): boolean =>
  from <= at && (to === null || at < to);

/** The versions that the system believed at `transactionAsOf` to be true at `asOf`. The SQL of the store must return the same. */
export function heldAt(
  versions: readonly Version[],
  { asOf, transactionAsOf }: { readonly asOf?: Date | undefined; readonly transactionAsOf: Date },
): readonly Version[] {
  return versions.filter(
    (version) =>
      covers(version.believedFrom, version.believedTo, transactionAsOf) &&
      (asOf === undefined || covers(version.validFrom, version.validTo, asOf)),
  );
}

export type Standing = 'current' | 'expired' | 'superseded';

/** A memory whose end is in the future is still current. */
export function standingOf(version: Version, now: Date): Standing {
  if (version.validTo === null || version.validTo > now) return 'current';
  return version.supersededBy === null ? 'expired' : 'superseded';
}

const DAY_MS = 86_400_000;

/** 1 until the fact becomes true, then halved every half-life; 0 for a superseded or expired memory. No read filters by it. */
export function freshnessOf(version: Version, now: Date, halfLifeDays: number): number {
  if (standingOf(version, now) !== 'current') return 0;
  const ageDays = Math.max(0, now.getTime() - version.validFrom.getTime()) / DAY_MS;
  return 0.5 ** (ageDays / halfLifeDays);
}
