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

import { endLocked, restoreMemory } from '../memories/change-standing.js';
import { findStated, lockStated } from '../memories/open-version.js';
import { isUuid, tenantColumn } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { StatementFailed } from '../sql/failed-statement.js';
import { clock, type Statements } from '../sql/statements.js';
import { AuditEventRow } from '../entities/audit-event.entity.js';
import { chainLinks, successorLinks } from './chain-links.js';

/** Two keys: the locks of one are another space. Any number that no other lock of ours has. */
const CHAINS_OF_ACCOUNT = 'select pg_advisory_xact_lock(1937, hashtext($1))';

/** A memory that stands, or one that was erased: its events outlive it. */
const KNOWN = `
  select 1 from memories where account_id = $1 and id = $2 and ($3::text is null or tenant_id = $3)
  union all
  (select 1 from audit_events where account_id = $1 and memory_id = $2 and ($3::text is null or tenant_id = $3) limit 1)`;

/** Another transaction that stored the same fact may commit between our look and our change; then we look again. */
const MAX_LOOKS = 3;

export class PostgresHistoryStore extends HistoryStore {
  constructor(private readonly database: Database) {
    super();
  }

  supersede(order: MemoryRef & RequestedEnding): Promise<Ending> {
    const { accountId } = order.scope;
    return this.database.write(accountId, (statements) => supersedeMemory(statements, order));
  }

  async restore(order: MemoryRef): Promise<void> {
    for (let look = 1; ; look += 1) {
      try {
        const { accountId } = order.scope;
        await this.database.write(accountId, (statements) => restoreMemory(statements, order));
        return;
      } catch (error) {
        if (look === MAX_LOOKS || !isTwinBefore(error)) throw error;
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
  // Links that close a circle together may have no memory in common: all links of an account are made one after the other.
  if (supersededBy !== null) await statements.query(CHAINS_OF_ACCOUNT, [accountId]);
  const memory = await lockStated(statements, scope, memoryId);
  const successor =
    supersededBy === null ? undefined : await findStated(statements, scope, supersededBy);
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

/** Behind a successor that has itself been superseded thousands of times a circle is not looked for: the call is refused. */
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

const isTwinBefore = (error: unknown): boolean =>
  error instanceof StatementFailed && error.constraint === 'memories_one_current_per_fold';
