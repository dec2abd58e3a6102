import { AppError } from '@app/errors';
import { ALL_TENANTS, type Change, type Scope, type MemoryState, type Version } from '@app/memory';

import { isUuid, tenantOf } from '../sql/columns.js';
import type { Statements } from '../sql/statements.js';

/** A memory whose row is locked until the transaction ends, with its open version. */
export interface LockedMemory {
  readonly tenant: string;
  readonly source: string;
  readonly foldHash: Buffer;
  readonly open: Version;
}

const FIND = 'select tenant_id, source, fold_hash from memories where id = $1 and account_id = $2';
const LOCK = `${FIND} for update`;

/** Separate from LOCK: a statement that waits for a lock still reads other tables as they were before the wait. */
const OPEN = `
  select valid_from, valid_to, superseded_by, believed_from
    from memory_versions where memory_id = $1 and account_id = $2 and believed_to is null`;

const CHANGE = `
  with closed as (
    update memory_versions set believed_to = $3
     where memory_id = $1 and account_id = $2 and believed_to is null
    returning memory_id, account_id, valid_from
  ), opened as (
    insert into memory_versions (memory_id, account_id, valid_from, valid_to, superseded_by, believed_from)
    select memory_id, account_id, valid_from, $4, $5, $3 from closed
  )
  update memories set valid_to = $4, current = $6 where id = $1 and account_id = $2`;

interface MemoryRow {
  readonly tenant_id: string;
  readonly source: string;
  readonly fold_hash: Buffer;
}

interface OpenRow {
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly superseded_by: string | null;
  readonly believed_from: Date;
}

/** @returns undefined when there is no such memory in this account. */
export function lockMemory(
  statements: Statements,
  accountId: string,
  memoryId: string,
): Promise<LockedMemory | undefined> {
  return read(statements, LOCK, accountId, memoryId);
}

/** @throws AppError `not_found` when there is no such memory in this scope. */
export async function lockMemoryInScope(
  statements: Statements,
  { accountId, tenantId }: Scope,
  memoryId: string,
): Promise<LockedMemory & MemoryState> {
  const memory = isUuid(memoryId) ? await lockMemory(statements, accountId, memoryId) : undefined;
  if (memory === undefined || !isOf(tenantId, memory)) {
    throw new AppError('not_found', 'There is nothing with this id that your API key can see.');
  }
  return { ...memory, tenantId: tenantOf(memory.tenant) };
}

/** Reads the open version of a memory without locking its row. */
export async function findMemoryState(
  statements: Statements,
  { accountId, tenantId }: Scope,
  memoryId: string,
): Promise<MemoryState | undefined> {
  const memory = isUuid(memoryId) ? await read(statements, FIND, accountId, memoryId) : undefined;
  if (memory === undefined || !isOf(tenantId, memory)) return undefined;
  return { tenantId: tenantOf(memory.tenant), open: memory.open };
}

const isOf = (tenantId: string | null, { tenant }: LockedMemory): boolean =>
  tenantId === ALL_TENANTS || tenantId === tenantOf(tenant);

async function read(
  statements: Statements,
  sql: string,
  accountId: string,
  memoryId: string,
): Promise<LockedMemory | undefined> {
  const [row] = await statements.query<MemoryRow>(sql, [memoryId, accountId]);
  if (row === undefined) return undefined;
  const [open] = await statements.query<OpenRow>(OPEN, [memoryId, accountId]);
  if (open === undefined) return undefined;
  return {
    tenant: row.tenant_id,
    source: row.source,
    foldHash: row.fold_hash,
    open: {
      memoryId,
      validFrom: open.valid_from,
      validTo: open.valid_to,
      supersededBy: open.superseded_by,
      believedFrom: open.believed_from,
      believedTo: null,
    },
  };
}

/** Closes the open version, adds the next one, and repeats its dates in the row of the memory. */
export async function storeChange(
  statements: Statements,
  accountId: string,
  { opened }: Change,
  current: boolean,
): Promise<void> {
  await statements.query(CHANGE, [
    opened.memoryId,
    accountId,
    opened.believedFrom,
    opened.validTo,
    opened.supersededBy,
    current,
  ]);
}
