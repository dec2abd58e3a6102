import {
  beginningOf,
  EXCERPT_CHARACTERS,
  freshnessOf,
  type Memory,
  type SeenMemory,
  standingOf,
  type Version,
} from '@app/memory';

import type { MemoryView, TemporalView } from './memories.schemas.js';
import type { Reader } from './reader.js';

/**
 * A memory as the wire shows it. The flags measure the version that is shown against `now`.
 * @param characters of the original message, at most; the store has cut off its turns accordingly.
 */
export function viewMemory(
  { memory, version }: SeenMemory,
  { now, halfLifeDays }: Reader,
  characters = EXCERPT_CHARACTERS,
): MemoryView {
  const temporal = viewTemporal(version, now);
  const original = originalOf(memory, characters);
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
    valid_from: temporal.valid_from,
    valid_to: temporal.valid_to,
    superseded_by: temporal.superseded_by,
    source_citation: {
      type: memory.source,
      channel: memory.sessionId,
      captured_at: memory.capturedAt.toISOString(),
      original_message: original.text,
      original_message_truncated: original.truncated,
    },
    temporal,
  };
}

/** The flags measure the version against `now`. */
export function viewTemporal(version: Version, now: Date): TemporalView {
  const standing = standingOf(version, now);
  return {
    valid_from: version.validFrom.toISOString(),
    valid_to: version.validTo?.toISOString() ?? null,
    superseded_by: version.supersededBy,
    is_current: standing === 'current',
    is_expired: standing === 'expired',
    is_superseded: standing === 'superseded',
    transaction_time_start: version.believedFrom.toISOString(),
    transaction_time_end: version.believedTo?.toISOString() ?? null,
    is_known_current: version.believedTo === null,
  };
}

/** What was said. One turn speaks for itself; of several it has to be said who said what; in content mode the fact itself. */
export function originalOf(
  { turns, turnsShortened, text }: Pick<Memory, 'turns' | 'turnsShortened' | 'text'>,
  characters: number,
): { readonly text: string; readonly truncated: boolean } {
  const [first, ...others] = turns;
  if (first === undefined) {
    const beginning = beginningOf(text, characters);
    return withEllipsis(beginning, beginning.length < text.length);
  }
  const said =
    others.length === 0 ? first.text : turns.map((turn) => `${turn.role}: ${turn.text}`).join('\n');
  return withEllipsis(said, turnsShortened);
}

const withEllipsis = (text: string, truncated: boolean) => ({
  text: truncated ? `${text}…` : text,
  truncated,
});
