import type { Change, Version } from '@app/memory';

import type { Statements } from './statements.js';

/** A memory whose row is locked until the transaction ends, with what is believed of it. */
export interface LockedMemory {
  readonly tenant: string;
  readonly source: string;
  readonly foldHash: Buffer;
  readonly open: Version;
}

const LOCK = `
  select tenant_id, source, fold_hash from memories where id = $1 and account_id = $2 for update`;

/** A statement of its own, after the lock: one that had to wait for it would still see what was believed before. */
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

interface OpenRow {
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly superseded_by: string | null;
  readonly believed_from: Date;
}

/** @returns undefined when there is no such memory in this account. */
export async function lockMemory(
  statements: Statements,
  accountId: string,
  memoryId: string,
): Promise<LockedMemory | undefined> {
  const [row] = await statements.query<{ tenant_id: string; source: string; fold_hash: Buffer }>(
    LOCK,
    [memoryId, accountId],
  );
  if (row === undefined) return undefined;
  const [open] = await statements.query<OpenRow>(OPEN, [memoryId, accountId]);
  if (open === undefined) throw new Error('A memory of which nothing is believed');
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

/** Closes the open version, adds the next and repeats it in the memory. `current` until its end has come. */
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
