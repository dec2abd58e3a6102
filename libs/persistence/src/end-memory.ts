import { canEnd, standingOf, supersede } from '@app/memory';

import { recordEvent } from './audit-events.js';
import { lockMemory, storeChange } from './open-version.js';
import type { Statements } from './statements.js';

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
  const { accountId, memoryId, validTo, supersededBy, now } = ending;
  const memory = await lockMemory(statements, accountId, memoryId);
  if (memory === undefined || !canEnd(memory.open, now)) return false;

  const change = supersede(memory.open, { validTo, supersededBy }, now);
  await storeChange(statements, accountId, change, standingOf(change.opened, now) === 'current');
  await recordEvent(statements, {
    accountId,
    memoryId,
    tenant: memory.tenant,
    event: ending.event,
    at: change.opened.believedFrom,
    apiKeyId: ending.apiKeyId,
    details: { superseded_by: supersededBy, valid_to: validTo, ...ending.details },
  });
  return true;
}
