import { standingOf, type Version } from '../memories/version.js';

/** How a memory ends: from when it was no longer true, and what took its place, if anything did. */
export type Ending = Pick<Version, 'supersededBy'> & { readonly validTo: Date };

/** A change of belief: one version is closed and the next one opens, at the same moment. */
export interface Change {
  readonly closed: Version;
  readonly opened: Version;
}

/**
 * Whether a memory can still be ended. An end in the future may be moved, or given a successor; a memory that has a
 * successor keeps it until it is restored, also while its end is still to come: else two could both win it.
 */
export function canEnd(version: Version, now: Date): boolean {
  return standingOf(version, now) === 'current' && version.supersededBy === null;
}

/**
 * Ends a memory without editing it: the belief that it was open-ended is closed, and a new one opens that knows the end.
 * Editing `validTo` in place would make the past forget what it believed.
 */
export function supersede(open: Version, ending: Ending, now: Date): Change {
  return believe(open, ending, now);
}

/** Takes an end back: the memory is open-ended and without a successor again, and that it was ended stays known. */
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
 * Now, or one millisecond after the last change where that is not over yet: a belief that lasted no time could be seen from
 * no moment. Each change takes a transaction of its own, so the step never runs far ahead of the clock.
 */
function changeTime({ believedFrom }: Version, now: Date): Date {
  return new Date(Math.max(now.getTime(), believedFrom.getTime() + 1));
}

interface Begun {
  readonly validFrom: Date;
}

/**
 * When a memory ended, where nobody says. Where its successor became true later, it was true until then: imported history
 * has its own time. Else until now.
 */
export function defaultEnd(ended: Begun, successor: Begun | undefined, now: Date): Date {
  return successor !== undefined && successor.validFrom > ended.validFrom
    ? successor.validFrom
    : now;
}
