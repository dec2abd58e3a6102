import type { Caller } from '@app/accounts';
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

/** The moment that flags and freshness are computed for, and how fast freshness decays by the settings of the API key. */
export interface ViewContext {
  readonly now: Date;
  readonly halfLifeDays: number;
}

export const viewContextOf = (
  { settings }: Pick<Caller, 'settings'>,
  now = new Date(),
): ViewContext => ({ now, halfLifeDays: settings.freshnessHalfLifeDays });

/**
 * A memory as the wire shows it. The flags compare the shown version with `now`.
 * @param characters the maximum length of the original message; the store has already shortened the turns to it.
 */
export function viewMemory(
  { memory, version }: SeenMemory,
  { now, halfLifeDays }: ViewContext,
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

/** The flags compare the version with `now`. */
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

/** The original message: one turn as it is, several as `role: text` lines, and in content mode the fact itself. */
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
