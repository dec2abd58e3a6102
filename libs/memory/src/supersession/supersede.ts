import { standingOf, type Version } from '../memories/version.js';

/** The end of a memory: the time from which it was no longer true, and its successor, if any. */
export type Ending = Pick<Version, 'supersededBy'> & { readonly validTo: Date };

/** A change of belief: one version is closed and the next one opens, at the same moment. */
export interface Change {
  readonly closed: Version;
  readonly opened: Version;
}

/**
 * True when a memory can still be ended. An end in the future may be moved, or get a successor. A memory with a successor
 * keeps it until it is restored, even while its end is in the future: otherwise two calls could each set another successor.
 */
export function canEnd(version: Version, now: Date): boolean {
  return standingOf(version, now) === 'current' && version.supersededBy === null;
}

/**
 * Ends a memory without editing its version: the open version is closed, and a new version with the end opens. A read with
 * `transactionAsOf` in the past must still find the old belief, so `validTo` is never changed in place.
 */
export function supersede(open: Version, ending: Ending, now: Date): Change {
  return believe(open, ending, now);
}

/** Removes an end: the new version is open-ended and has no successor. The version with the end stays in the history. */
export function restore(open: Version, now: Date): Change {
  return believe(open, { validTo: null, supersededBy: null }, now);
}

function believe(
  open: Version,
  belief: Pick<Version, 'validTo' | 'supersededBy'>,
  now: Date,
): Change {
  const at = changeTime(open, now);
  return {
    closed: { ...open, believedTo: at },
    opened: { ...open, ...belief, believedFrom: at, believedTo: null },
  };
}

/**
 * Now, or one millisecond after the previous change if that is later: no read could ever see a version that lasted for no
 * time. Each change has its own transaction, so the result is never far ahead of the clock.
 */
function changeTime({ believedFrom }: Version, now: Date): Date {
  return new Date(Math.max(now.getTime(), believedFrom.getTime() + 1));
}

type ValidFrom = Pick<Version, 'validFrom'>;

/**
 * The end of a memory when the caller gives none: the time when its successor became true, if that is later than its own
 * beginning, because imported history has its own dates. Otherwise now.
 */
export function defaultEnd(ended: ValidFrom, successor: ValidFrom | undefined, now: Date): Date {
  return successor !== undefined && successor.validFrom > ended.validFrom
    ? successor.validFrom
    : now;
}
