import { AppError } from '@app/errors';
import { type AuditEvent, canEnd, type Named, restore, standingOf, supersede } from '@app/memory';
import { Not } from 'typeorm';

import { MemoryRow } from '../entities/memory.entity.js';
import { retireEnded } from './retire-ended.js';
import { clock, type Connection, type Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { type LockedMemory, lockMemory, lockStated, storeChange } from './open-version.js';

interface NewAuditEvent extends AuditEvent {
  readonly accountId: string;
  /** Null: a receipt that is of no one memory. */
  readonly memoryId: string | null;
  /** As in its column: '' is the default tenant; null: of the account as a whole. */
  readonly tenant: string | null;
  /** What superseded the memory. */
  readonly successorId?: string | null;
}

/** The table only grows. The tenant stands in it because a key that is bound to one may still ask for an erased memory. */
export async function recordEvent(statements: Statements, told: NewAuditEvent): Promise<void> {
  const { accountId, memoryId, tenant, event, at, apiKeyId, details, successorId } = told;
  await statements.query(
    `insert into audit_events (account_id, memory_id, tenant_id, event, at, api_key_id, details, successor_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [accountId, memoryId, tenant, event, at, apiKeyId, storableJson(details), successorId ?? null],
  );
}

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

/**
 * Takes an end back, in the transaction that it is given. A memory that has none is left as it is.
 * @throws AppError `not_found`; `memory_not_current` while the same fact stands under another id.
 */
export async function restoreMemory(
  connection: Connection,
  { scope, memoryId, apiKeyId }: Named,
): Promise<void> {
  const { accountId } = scope;
  const memory = await lockStated(connection, scope, memoryId);
  const { validTo, supersededBy } = memory.open;
  if (validTo === null && supersededBy === null) return;

  const now = await clock(connection);
  await refuseTwin(connection, accountId, memory, now);
  const change = restore(memory.open, now);
  await storeChange(connection, accountId, change, true);
  await recordEvent(connection, {
    accountId,
    memoryId,
    tenant: memory.tenant,
    event: 'memory.restored',
    at: change.opened.believedFrom,
    apiKeyId,
    details: { undone: { superseded_by: supersededBy, valid_to: validTo } },
  });
}

async function refuseTwin(
  connection: Connection,
  accountId: string,
  { tenant, source, foldHash, open }: LockedMemory,
  now: Date,
): Promise<void> {
  await retireEnded(connection, { accountId, tenant, source, folds: [foldHash] }, now);
  const twin = await connection.repository(MemoryRow).findOne({
    select: { id: true },
    where: {
      accountId,
      source,
      foldHash,
      tenantId: tenant,
      current: true,
      id: Not(open.memoryId),
    },
  });
  if (twin === null) return;
  throw new AppError(
    'memory_not_current',
    `The same fact stands as ${twin.id}, and cannot stand twice. Supersede, end or erase that one first.`,
  );
}
