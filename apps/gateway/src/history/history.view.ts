import type { AuditEvent, ChainMember, SeenMemory } from '@app/memory';

import { originalOf, viewMemory, viewTemporal } from '../memories/memory.view.js';
import type { Reader } from '../memories/reader.js';
import type { AuditView, TimelineView } from './history.schemas.js';

/** What asked for a change where no API key did. */
const SYSTEM = 'system';

export function viewTimeline(
  memoryId: string,
  accountId: string,
  chain: readonly ChainMember[],
  reader: Reader,
): TimelineView {
  return {
    memory_id: memoryId,
    company_id: accountId,
    chain_length: chain.length,
    timeline: chain.map(({ memoryId: id, seen }) =>
      seen ? viewMemory(seen, reader) : { id, erased: true },
    ),
  };
}

/** @param seen undefined for a memory that was erased: then its events alone are left. */
export function viewAudit(
  memoryId: string,
  seen: SeenMemory | undefined,
  events: readonly AuditEvent[],
  now: Date,
): AuditView {
  return {
    memory_id: memoryId,
    ...(seen ? viewStanding(seen, now) : ERASED),
    history: events.map(({ event, at, apiKeyId, details }) => ({
      event,
      at: at.toISOString(),
      by: apiKeyId ?? SYSTEM,
      details,
    })),
  };
}

const ERASED = { memory: null, provenance: null, extraction: null, temporal: null };

function viewStanding(
  { memory, version }: SeenMemory,
  now: Date,
): Omit<AuditView, 'memory_id' | 'history'> {
  const { text, topic, extraction } = memory;
  return {
    memory: { summary: text, decision: text, topic },
    provenance: {
      source_type: memory.source,
      channel: memory.sessionId,
      tenant_id: memory.tenantId,
      external_id: memory.externalId,
      original_input: originalOf(memory),
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
