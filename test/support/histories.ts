import type { Database } from '@app/persistence';
import { fold } from '@app/memory';
import type { History } from '@app/memory/testing';
import { createHash, randomUUID } from 'node:crypto';

/** Inserts memories with all their versions into the tables, because the API cannot store versions of the past. */
export async function storeHistories(
  database: Database,
  histories: readonly History[],
): Promise<void> {
  for (const history of histories) await storeHistory(database, history);
}

async function storeHistory(database: Database, { memory, versions }: History): Promise<void> {
  const open = versions.find(({ believedTo }) => believedTo === null) ?? versions.at(-1);
  if (open === undefined) throw new Error('A memory has at least one version');
  const tenant = memory.tenantId ?? '';
  await database.query(
    `insert into memories (id, account_id, tenant_id, source, session_id, external_id, metadata, text, fold_hash, topic, category, importance,
                           write_id, created_at, captured_at, extraction, valid_from, valid_to, current, search_document)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, setweight(search_words($8), 'A'))`,
    [
      memory.id,
      memory.accountId,
      tenant,
      memory.source,
      memory.sessionId,
      memory.externalId,
      JSON.stringify(memory.metadata),
      memory.text,
      createHash('sha256').update(fold(memory.text)).digest(),
      memory.topic,
      memory.category,
      memory.importance,
      randomUUID(),
      memory.createdAt,
      memory.capturedAt,
      memory.extraction,
      open.validFrom,
      open.validTo,
      open.validTo === null || open.validTo > new Date(),
    ],
  );
  for (const turn of memory.turns) {
    await database.query(
      `insert into turns (id, account_id, write_id, position, role, name, said_at, text)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing`,
      [
        turn.id,
        memory.accountId,
        randomUUID(),
        turn.position,
        turn.role,
        turn.name,
        turn.saidAt,
        turn.text,
      ],
    );
    await database.query('insert into memory_turns (memory_id, turn_id) values ($1, $2)', [
      memory.id,
      turn.id,
    ]);
  }
  for (const version of versions) {
    await database.query(
      `insert into memory_versions (memory_id, account_id, valid_from, valid_to, superseded_by, believed_from, believed_to)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        memory.id,
        memory.accountId,
        version.validFrom,
        version.validTo,
        version.supersededBy,
        version.believedFrom,
        version.believedTo,
      ],
    );
  }
}

/** Inserts the audit events for the creation of memories that a test inserted directly. */
export async function tellOfBirth(
  database: Database,
  histories: readonly History[],
): Promise<void> {
  for (const { memory } of histories) {
    await database.query(
      `insert into audit_events (account_id, memory_id, tenant_id, event, at, details) values ($1, $2, $3, 'memory.created', $4, '{}')`,
      [memory.accountId, memory.id, memory.tenantId ?? '', memory.createdAt],
    );
  }
}

/** Deletes a memory and inserts the audit event of its erasure. Its earlier events stay. */
export async function tellOfErasure(database: Database, memoryId: string): Promise<void> {
  await database.query(
    `with gone as (delete from memories where id = $1 returning account_id, id, tenant_id)
     insert into audit_events (account_id, memory_id, tenant_id, event, at, details)
     select account_id, id, tenant_id, 'memory.erased', now(), '{}' from gone`,
    [memoryId],
  );
}
