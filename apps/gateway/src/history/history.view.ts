import { type AuditEvent, type Link, type SeenMemory, WHOLE_CHARACTERS } from '@app/memory';

import { originalOf, viewMemory, viewTemporal } from '../memories/memory.view.js';
import type { ViewContext } from '../memories/memory.view.js';
import type { AuditView, TimelineView } from './history.schemas.js';

/** The author of a change that no API key made. */
const SYSTEM = 'system';

export function viewTimeline(
  memoryId: string,
  accountId: string,
  page: readonly Link[],
  seen: readonly SeenMemory[],
  reader: ViewContext,
): Omit<TimelineView, 'chain_length' | 'truncated' | 'next_cursor'> {
  const byId = new Map(seen.map((one) => [one.memory.id, one]));
  return {
    memory_id: memoryId,
    company_id: accountId,
    timeline: page.flatMap(({ memoryId: id, erased }): TimelineView['timeline'] => {
      const one = byId.get(id);
      if (one) return [viewMemory(one, reader)];
      return erased ? [{ id, erased: true }] : [];
    }),
  };
}

/** @param seen undefined for an erased memory, of which only the events remain. */
export function viewAudit(
  memoryId: string,
  seen: SeenMemory | undefined,
  events: readonly AuditEvent[],
  now: Date,
): Omit<AuditView, 'next_cursor'> {
  return {
    memory_id: memoryId,
    ...(seen ? viewStored(seen, now) : ERASED),
    history: events.map(({ event, at, apiKeyId, details }) => ({
      event,
      at: at.toISOString(),
      by: apiKeyId ?? SYSTEM,
      details,
    })),
  };
}

const ERASED = { memory: null, provenance: null, extraction: null, temporal: null };

function viewStored(
  { memory, version }: SeenMemory,
  now: Date,
): Omit<AuditView, 'memory_id' | 'history' | 'next_cursor'> {
  const { text, topic, extraction } = memory;
  const original = originalOf(memory, WHOLE_CHARACTERS);
  return {
    memory: { summary: text, decision: text, topic },
    provenance: {
      source_type: memory.source,
      channel: memory.sessionId,
      tenant_id: memory.tenantId,
      external_id: memory.externalId,
      original_input: original.text,
      original_input_truncated: original.truncated,
      captured_at: memory.capturedAt.toISOString(),
    },
    extraction: extraction && {
      provider: extraction.provider,
      model: extraction.model,
      byo_llm: extraction.byoLlm,
      base_url_host: extraction.baseUrlHost,
      prompt_version: extraction.promptVersion,
      extracted_at: extraction.extractedAt.toISOString(),
    },
    temporal: viewTemporal(version, now),
  };
}
