import { canEnd, standingOf, supersede } from '@app/memory';

import { recordEvent } from './audit-events.js';
import { type LockedMemory, lockMemory, storeChange } from './open-version.js';
import type { Statements } from '../sql/statements.js';

export interface MemoryEnding {
  readonly accountId: string;
  readonly memoryId: string;
  readonly validTo: Date;
  readonly supersededBy: string | null;
  /** With which API key it was asked for; null: by the service itself. */
  readonly apiKeyId: string | null;
  readonly event: 'memory.superseded' | 'memory.expired';
  /** What the audit tells besides the end and the successor. No text. */
  readonly details: Record<string, unknown>;
  /** By Postgres' clock: when the change is believed from. A memory stored in the same transaction should have the same. */
  readonly now: Date;
}

/**
 * Ends the open belief of a memory and opens the next one that knows the end; adds the audit event; in the transaction that
 * it is given.
 * @returns false when the memory is no longer current (or not there): nothing was changed.
 */
export async function endMemory(statements: Statements, ending: MemoryEnding): Promise<boolean> {
  const memory = await lockMemory(statements, ending.accountId, ending.memoryId);
  if (memory === undefined || !canEnd(memory.open, ending.now)) return false;
  await endLocked(statements, memory, ending);
  return true;
}

/** The same for a memory whose row is locked, and of which it is known that it can be ended. */
export async function endLocked(
  statements: Statements,
  memory: LockedMemory,
  { accountId, memoryId, validTo, supersededBy, apiKeyId, event, details, now }: MemoryEnding,
): Promise<void> {
  const change = supersede(memory.open, { validTo, supersededBy }, now);
  await storeChange(statements, accountId, change, standingOf(change.opened, now) === 'current');
  await recordEvent(statements, {
    accountId,
    memoryId,
    tenant: memory.tenant,
    event,
    at: change.opened.believedFrom,
    apiKeyId,
    details: { superseded_by: supersededBy, valid_to: validTo, ...details },
    successorId: supersededBy,
  });
}
