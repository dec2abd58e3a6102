import {
  ALL_TENANTS,
  type AuditEvent,
  decideEnding,
  type Ending,
  type EndingAsked,
  HistoryStore,
  type Link,
  type Named,
  type Scope,
} from '@app/memory';

import { chainLinks } from './chain-links.js';
import { clock } from './clock.js';
import { isUuid, tenantColumn } from './columns.js';
import type { Database } from './database.js';
import { endLocked } from './end-memory.js';
import { StatementFailed } from './failed-statement.js';
import { findStated, lockStated } from './open-version.js';
import { restoreMemory } from './restore-memory.js';
import type { Statements } from './statements.js';

/** Two keys: the locks of one are another space. Any number that no other lock of ours has. */
const CHAINS_OF_ACCOUNT = 'select pg_advisory_xact_lock(1937, hashtext($1))';

/** A memory that stands, or one that was erased: its events outlive it. */
const KNOWN = `
  select 1 from memories where account_id = $1 and id = $2 and ($3::text is null or tenant_id = $3)
  union all
  (select 1 from audit_events where account_id = $1 and memory_id = $2 and ($3::text is null or tenant_id = $3) limit 1)`;
const EVENTS = `
  select event, at, api_key_id, details from audit_events where account_id = $1 and memory_id = $2 order by id`;

/** Another transaction that stored the same fact may commit between our look and our change; then we look again. */
const MAX_LOOKS = 3;

interface EventRow {
  readonly event: string;
  readonly at: Date;
  readonly api_key_id: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export class PostgresHistoryStore extends HistoryStore {
  constructor(private readonly database: Database) {
    super();
  }

  supersede(order: Named & EndingAsked): Promise<Ending> {
    return this.database.inTransaction((statements) => supersedeMemory(statements, order));
  }

  async restore(order: Named): Promise<void> {
    for (let look = 1; ; look += 1) {
      try {
        await this.database.inTransaction((statements) => restoreMemory(statements, order));
        return;
      } catch (error) {
        if (look === MAX_LOOKS || !isTwinBefore(error)) throw error;
      }
    }
  }

  async chainOf(scope: Scope, memoryId: string): Promise<readonly Link[]> {
    if (!(await this.#isKnown(scope, memoryId))) return [];
    return chainLinks(this.database, scope.accountId, memoryId);
  }

  async eventsOf(scope: Scope, memoryId: string): Promise<readonly AuditEvent[]> {
    if (!(await this.#isKnown(scope, memoryId))) return [];
    const rows = await this.database.query<EventRow>(EVENTS, [scope.accountId, memoryId]);
    return rows.map(({ event, at, api_key_id, details }) => ({
      event,
      at,
      apiKeyId: api_key_id,
      details,
    }));
  }

  async #isKnown({ accountId, tenantId }: Scope, memoryId: string): Promise<boolean> {
    if (!isUuid(memoryId)) return false;
    const tenant = tenantId === ALL_TENANTS ? null : tenantColumn(tenantId);
    return (await this.database.query(KNOWN, [accountId, memoryId, tenant])).length > 0;
  }
}

async function supersedeMemory(
  statements: Statements,
  order: Named & EndingAsked,
): Promise<Ending> {
  const { scope, memoryId, supersededBy, apiKeyId } = order;
  const { accountId } = scope;
  // Links that close a circle together may have no memory in common: all links of an account are made one after the other.
  if (supersededBy !== null) await statements.query(CHAINS_OF_ACCOUNT, [accountId]);
  const memory = await lockStated(statements, scope, memoryId);
  const successor =
    supersededBy === null ? undefined : await findStated(statements, scope, supersededBy);
  const links = successor ? await chainLinks(statements, accountId, successor.open.memoryId) : [];
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

const isTwinBefore = (error: unknown): boolean =>
  error instanceof StatementFailed && error.constraint === 'memories_one_current_per_fold';
