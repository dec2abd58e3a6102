import { AppError } from '@app/errors';

import type { Version } from '../memories/version.js';
import { leadsTo, type Link } from './chain.js';
import { canEnd, defaultEnd, type Ending } from './supersede.js';

/** A memory's tenant and open version. */
export interface MemoryState {
  readonly tenantId: string | null;
  readonly open: Version;
}

/** The ending that a caller requests: a successor, an end date, or both. */
export interface RequestedEnding {
  readonly supersededBy: string | null;
  readonly validTo: Date | null;
}

const invalid = (detail: string): AppError => new AppError('supersession_invalid', detail);

/**
 * Checks a requested ending and fills in its date.
 * @param successor undefined: the caller can see no memory with that id.
 * @param links the chain of the successor.
 * @throws AppError that names the violated rule.
 */
export function decideEnding(
  { tenantId, open }: MemoryState,
  asked: RequestedEnding,
  successor: MemoryState | undefined,
  links: readonly Link[],
  now: Date,
): Ending {
  const { supersededBy, validTo } = asked;
  if (supersededBy === open.memoryId) throw invalid('A memory cannot supersede itself.');
  if (supersededBy !== null && successor === undefined) {
    throw new AppError(
      'not_found',
      'superseded_by: there is nothing with this id that your API key can see.',
    );
  }
  if (successor !== undefined && successor.tenantId !== tenantId) {
    throw invalid('superseded_by is a memory of another tenant.');
  }
  if (!canEnd(open, now)) throw notCurrent(open);
  if (supersededBy !== null && leadsTo(links, supersededBy, open.memoryId)) {
    throw invalid('superseded_by is itself superseded, in the end, by this memory.');
  }
  if (validTo !== null && validTo < open.validFrom) {
    throw new AppError('invalid_request', 'valid_to lies before the memory became true.', {
      faults: [{ path: '/valid_to', message: 'must not lie before valid_from of the memory' }],
    });
  }
  return { supersededBy, validTo: validTo ?? defaultEnd(open, successor?.open, now) };
}

function notCurrent({ supersededBy }: Version): AppError {
  const ended =
    supersededBy === null ? 'It has ended.' : `It has a successor already: ${supersededBy}.`;
  return new AppError(
    'memory_not_current',
    `${ended} Restore the memory first, or name the one that is current.`,
  );
}
