import { AppError } from '@app/errors';
import {
  type AuditEvent,
  canEnd,
  type MemoryRef,
  restore,
  standingOf,
  supersede,
} from '@app/memory';
import { Not } from 'typeorm';

import { MemoryRow } from '../entities/memory.entity.js';
import { releaseEndedFolds } from './release-ended-folds.js';
import { clock, type Connection, type Statements } from '../sql/statements.js';
import { storableJson } from '../sql/storable.js';
import { type LockedMemory, lockMemory, lockMemoryInScope, storeChange } from './open-version.js';

interface NewAuditEvent extends AuditEvent {
  readonly accountId: string;
  /** Null: the receipt of an erasure of many memories. */
  readonly memoryId: string | null;
  /** The value of the column: '' is the default tenant; null: the event concerns the whole account. */
  readonly tenant: string | null;
  /** The successor of the memory. */
  readonly successorId?: string | null;
}

/**
 * Adds a row to the audit, which only grows. The row has the tenant, so that an API key that is bound to a tenant can read
 * the events of an erased memory.
 */
export async function recordEvent(statements: Statements, added: NewAuditEvent): Promise<void> {
  const { accountId, memoryId, tenant, event, at, apiKeyId, details, successorId } = added;
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
  /** The API key of the request; null: the service itself ends the memory. */
  readonly apiKeyId: string | null;
  readonly event: 'memory.superseded' | 'memory.expired';
  /** Details of the audit event besides the end and the successor. No text. */
  readonly details: Record<string, unknown>;
  /** The time of the change, by Postgres' clock. A memory that the same transaction stores must have the same time. */
  readonly now: Date;
}

/**
 * Closes the open version of a memory, opens a version with the end, and adds the audit event, in the given transaction.
 * @returns false when the memory does not exist or can no longer be ended: nothing was changed.
 */
export async function endMemory(statements: Statements, ending: MemoryEnding): Promise<boolean> {
  const memory = await lockMemory(statements, ending.accountId, ending.memoryId);
  if (memory === undefined || !canEnd(memory.open, ending.now)) return false;
  await endLocked(statements, memory, ending);
  return true;
}

/** The same as `endMemory`, for a memory whose row is locked and that can be ended. */
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
 * Removes the end of a memory, in the given transaction. A memory without an end is not changed.
 * @throws AppError `not_found`; `memory_not_current` while another current memory holds the same fact.
 */
export async function restoreMemory(
  connection: Connection,
  { scope, memoryId, apiKeyId }: MemoryRef,
): Promise<void> {
  const { accountId } = scope;
  const memory = await lockMemoryInScope(connection, scope, memoryId);
  const { validTo, supersededBy } = memory.open;
  if (validTo === null && supersededBy === null) return;

  const now = await clock(connection);
  await refuseDuplicate(connection, accountId, memory, now);
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

async function refuseDuplicate(
  connection: Connection,
  accountId: string,
  { tenant, source, foldHash, open }: LockedMemory,
  now: Date,
): Promise<void> {
  await releaseEndedFolds(connection, { accountId, tenant, source, folds: [foldHash] }, now);
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
