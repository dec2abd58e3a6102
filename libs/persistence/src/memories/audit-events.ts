import type { AuditEvent } from '@app/memory';

import { storableJson } from '../sql/storable.js';
import type { Statements } from '../sql/statements.js';

export interface NewAuditEvent extends AuditEvent {
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
