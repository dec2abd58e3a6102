import { freshnessOf, type SeenMemory, standingOf, type Turn } from '@app/memory';

import type { MemoryView } from './memories.schemas.js';
import type { Reader } from './reader.js';

/** A memory as the wire shows it. The flags measure the version that is shown against `now`. */
export function viewMemory(
  { memory, version }: SeenMemory,
  { now, halfLifeDays }: Reader,
): MemoryView {
  const standing = standingOf(version, now);
  const validFrom = version.validFrom.toISOString();
  const validTo = version.validTo?.toISOString() ?? null;
  return {
    id: memory.id,
    summary: memory.text,
    decision: memory.text,
    topic: memory.topic,
    category: memory.category,
    importance_score: memory.importance,
    freshness: freshnessOf(version, now, halfLifeDays),
    source: memory.source,
    tenant_id: memory.tenantId,
    session_id: memory.sessionId,
    external_id: memory.externalId,
    metadata: memory.metadata,
    created_at: memory.createdAt.toISOString(),
    valid_from: validFrom,
    valid_to: validTo,
    superseded_by: version.supersededBy,
    source_citation: {
      type: memory.source,
      channel: memory.sessionId,
      captured_at: memory.capturedAt.toISOString(),
      original_message: originalOf(memory.turns) ?? memory.text,
    },
    temporal: {
      valid_from: validFrom,
      valid_to: validTo,
      superseded_by: version.supersededBy,
      is_current: standing === 'current',
      is_expired: standing === 'expired',
      is_superseded: standing === 'superseded',
      transaction_time_start: version.believedFrom.toISOString(),
      transaction_time_end: version.believedTo?.toISOString() ?? null,
      is_known_current: version.believedTo === null,
    },
  };
}

/** One turn speaks for itself; of several it has to be said who said what. */
function originalOf(turns: readonly Turn[]): string | undefined {
  if (turns.length <= 1) return turns[0]?.text;
  return turns.map(({ role, text }) => `${role}: ${text}`).join('\n');
}
