import { AppError } from '@app/errors';
import { type Named, restore } from '@app/memory';

import { recordEvent } from './audit-events.js';
import { clock } from '../sql/clock.js';
import { type LockedMemory, lockStated, storeChange } from './open-version.js';
import { retireEnded } from '../jobs/retire-ended.js';
import type { Statements } from '../sql/statements.js';

const TWIN = `
  select id from memories
   where account_id = $1 and tenant_id = $2 and source = $3 and fold_hash = $4 and current and id <> $5`;

/**
 * Takes an end back, in the transaction that it is given. A memory that has none is left as it is.
 * @throws AppError `not_found`; `memory_not_current` while the same fact stands under another id.
 */
export async function restoreMemory(
  statements: Statements,
  { scope, memoryId, apiKeyId }: Named,
): Promise<void> {
  const { accountId } = scope;
  const memory = await lockStated(statements, scope, memoryId);
  const { validTo, supersededBy } = memory.open;
  if (validTo === null && supersededBy === null) return;

  const now = await clock(statements);
  await refuseTwin(statements, accountId, memory, now);
  const change = restore(memory.open, now);
  await storeChange(statements, accountId, change, true);
  await recordEvent(statements, {
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
  statements: Statements,
  accountId: string,
  { tenant, source, foldHash, open }: LockedMemory,
  now: Date,
): Promise<void> {
  await retireEnded(statements, { accountId, tenant, source, folds: [foldHash] }, now);
  const place = [accountId, tenant, source, foldHash, open.memoryId];
  const [twin] = await statements.query<{ id: string }>(TWIN, place);
  if (twin === undefined) return;
  throw new AppError(
    'memory_not_current',
    `The same fact stands as ${twin.id}, and cannot stand twice. Supersede, end or erase that one first.`,
  );
}
