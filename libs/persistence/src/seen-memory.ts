import type { Category, Extraction, SeenMemory, Turn } from '@app/memory';

import { type Stored, tenantOf } from './columns.js';
import { readExtraction } from './stored-requests.js';

/** What every reader of memories selects, from `memories m` and the version `v` that it shows. */
export const SEEN_COLUMNS = `
  m.id, m.account_id, m.tenant_id, m.source, m.session_id, m.external_id, m.metadata, m.text, m.topic, m.category, m.importance,
  m.created_at, m.captured_at, m.extraction,
  v.valid_from, v.valid_to, v.superseded_by, v.believed_from, v.believed_to,
  coalesce((
    select jsonb_agg(jsonb_build_object('id', t.id, 'position', t.position, 'role', t.role, 'name', t.name,
                                        'saidAt', t.said_at, 'text', t.text) order by t.position)
      from memory_turns cited join turns t on t.id = cited.turn_id
     where cited.memory_id = m.id), '[]') as turns`;

export interface SeenRow {
  readonly id: string;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly source: string;
  readonly session_id: string | null;
  readonly external_id: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
  readonly created_at: Date;
  readonly captured_at: Date;
  readonly extraction: Stored<Extraction> | null;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly superseded_by: string | null;
  readonly believed_from: Date;
  readonly believed_to: Date | null;
  readonly turns: readonly Stored<Turn>[];
}

export function toSeenMemory(row: SeenRow): SeenMemory {
  return {
    memory: {
      id: row.id,
      accountId: row.account_id,
      tenantId: tenantOf(row.tenant_id),
      source: row.source,
      sessionId: row.session_id,
      externalId: row.external_id,
      metadata: row.metadata,
      text: row.text,
      topic: row.topic,
      category: row.category,
      importance: row.importance,
      createdAt: row.created_at,
      capturedAt: row.captured_at,
      extraction: readExtraction(row.extraction),
      turns: row.turns.map((turn) => ({
        ...turn,
        saidAt: turn.saidAt === null ? null : new Date(turn.saidAt),
      })),
    },
    version: {
      memoryId: row.id,
      validFrom: row.valid_from,
      validTo: row.valid_to,
      supersededBy: row.superseded_by,
      believedFrom: row.believed_from,
      believedTo: row.believed_to,
    },
  };
}
