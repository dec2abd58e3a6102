/** One belief about a memory's validity. Added, never edited. */
export interface Version {
  readonly memoryId: string;
  /** Valid time: from when, and until when (exclusive), it was true in the world. Null: open-ended. */
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly supersededBy: string | null;
  /** Transaction time: from when, and until when (exclusive), we believed this. Null: still believed. */
  readonly believedFrom: Date;
  readonly believedTo: Date | null;
}

/** The two questions about time that a reader may ask. Absent: `asOf` is not asked, `transactionAsOf` is now. */
export interface Moment {
  readonly asOf?: Date | undefined;
  readonly transactionAsOf?: Date | undefined;
}

const covers = (from: Date, to: Date | null, at: Date): boolean =>
  from <= at && (to === null || at < to);

/** What the system, as of one moment, held to be true at another. The specification that the SQL is held to. */
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

/** Exactly one of three, measured against now: an end in the future is still current. */
export function standingOf(version: Version, now: Date): Standing {
  if (version.validTo === null || version.validTo > now) return 'current';
  return version.supersededBy === null ? 'expired' : 'superseded';
}

const DAY_MS = 86_400_000;

/** 1 when it became true, halved with every half-life since; 0 once superseded or expired. Advisory: it filters nothing. */
export function freshnessOf(version: Version, now: Date, halfLifeDays: number): number {
  if (standingOf(version, now) !== 'current') return 0;
  const ageDays = Math.max(0, now.getTime() - version.validFrom.getTime()) / DAY_MS;
  return 0.5 ** (ageDays / halfLifeDays);
}
