import { AppError } from '@app/errors';
import {
  ALL_TENANTS,
  type Chain,
  decideEnding,
  type Ending,
  type RequestedEnding,
  type EventPage,
  type EventPageRequest,
  HistoryStore,
  type Link,
  type MemoryRef,
  type Scope,
} from '@app/memory';
import { MoreThan } from 'typeorm';

import { endLocked, restoreMemory } from '../memories/end-and-restore.js';
import { findMemoryState, lockMemoryInScope } from '../memories/open-version.js';
import { isUuid, tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { StatementFailed } from '../sql/failed-statement.js';
import { clock, type Statements } from '../sql/statements.js';
import { AuditEventRow } from '../entities/audit-event.entity.js';
import { chainLinks, successorLinks } from './chain-links.js';

/** An advisory lock with two keys never collides with locks of one key. 1937 is used by no other lock of two keys. */
const CHAINS_OF_ACCOUNT = 'select pg_advisory_xact_lock(1937, hashtext($1))';

/** Finds a memory by its row, or an erased one by its events. */
const KNOWN = `
  select 1 from memories where account_id = $1 and id = $2 and ($3::text is null or tenant_id = $3)
  union all
  (select 1 from audit_events where account_id = $1 and memory_id = $2 and ($3::text is null or tenant_id = $3) limit 1)`;

/** Another transaction may store the same fact between the check for duplicates and the restore; then the restore is repeated. */
const MAX_TRIES = 3;

export class PostgresHistoryStore extends HistoryStore {
  constructor(private readonly database: Database) {
    super();
  }

  supersede(order: MemoryRef & RequestedEnding): Promise<Ending> {
    const { accountId } = order.scope;
    return this.database.write(accountId, (statements) => supersedeMemory(statements, order));
  }

  async restore(order: MemoryRef): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const { accountId } = order.scope;
        await this.database.write(accountId, (statements) => restoreMemory(statements, order));
        return;
      } catch (error) {
        if (tries === MAX_TRIES || !isDuplicateFact(error)) throw error;
      }
    }
  }

  chainOf(scope: Scope, memoryId: string, signal?: AbortSignal): Promise<Chain> {
    const { accountId } = scope;
    return this.database.read(
      accountId,
      async (statements) =>
        (await isKnown(statements, scope, memoryId))
          ? chainLinks(statements, accountId, memoryId)
          : { links: [], isCutOff: false },
      signal,
    );
  }

  eventsOf(
    scope: Scope,
    memoryId: string,
    { limit, afterId = '0' }: EventPageRequest,
    signal?: AbortSignal,
  ): Promise<EventPage> {
    const { accountId } = scope;
    return this.database.read(
      accountId,
      async (connection) => {
        if (!(await isKnown(connection, scope, memoryId))) return { events: [], hasMore: false };
        const events = await connection.repository(AuditEventRow).find({
          select: { id: true, event: true, at: true, apiKeyId: true, details: true },
          where: { accountId, memoryId, id: MoreThan(afterId) },
          order: { id: 'ASC' },
          take: limit + 1,
        });
        return { events: events.slice(0, limit), hasMore: events.length > limit };
      },
      signal,
    );
  }
}

async function isKnown(
  statements: Statements,
  { accountId, tenantId }: Scope,
  memoryId: string,
): Promise<boolean> {
  if (!isUuid(memoryId)) return false;
  const tenant = tenantId === ALL_TENANTS ? null : tenantColumn(tenantId);
  return (await statements.query(KNOWN, [accountId, memoryId, tenant])).length > 0;
}

async function supersedeMemory(
  statements: Statements,
  order: MemoryRef & RequestedEnding,
): Promise<Ending> {
  const { scope, memoryId, supersededBy, apiKeyId } = order;
  const { accountId } = scope;
  // Two links that close a cycle together may share no memory, so row locks do not help: one lock serializes all links of an account.
  if (supersededBy !== null) await statements.query(CHAINS_OF_ACCOUNT, [accountId]);
  const memory = await lockMemoryInScope(statements, scope, memoryId);
  const successor =
    supersededBy === null ? undefined : await findMemoryState(statements, scope, supersededBy);
  const links = successor ? await linksOnwards(statements, accountId, successor.open.memoryId) : [];
  const now = await clock(statements);
  const ending = decideEnding(memory, order, successor, links, now);
  await endLocked(statements, memory, {
    accountId,
    memoryId,
    ...ending,
    apiKeyId,
    event: supersededBy === null ? 'memory.expired' : 'memory.superseded',
    details: {},
    now,
  });
  return ending;
}

/** Refuses a successor whose own chain is longer than MAX_CHAIN: the search for a cycle would be too expensive. */
async function linksOnwards(
  statements: Statements,
  accountId: string,
  memoryId: string,
): Promise<readonly Link[]> {
  const { links, isCutOff } = await successorLinks(statements, accountId, memoryId);
  if (!isCutOff) return links;
  throw new AppError(
    'supersession_invalid',
    'The chain of the successor is too long. Name the memory at its end as superseded_by.',
  );
}

const isDuplicateFact = (error: unknown): boolean =>
  error instanceof StatementFailed && error.constraint === 'memories_one_current_per_fold';
