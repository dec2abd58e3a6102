import {
  capturedAt,
  type DryRun,
  type ExtractedFacts,
  type MessagesWrite,
  validFromOf,
  type WriteResult,
} from '@app/memory';

import { citedPositions } from './cited-turns.js';
import { toldExtraction } from './result-of-write.js';
import { storable } from './search-text.js';

/** The result of a dry run: all that it leaves behind. What it would have stored is in it, because it is nowhere else. */
export function dryRunResult(
  request: MessagesWrite,
  extracted: ExtractedFacts,
  now: Date,
): WriteResult {
  return {
    mode: 'messages',
    status: 'dry_run',
    tenantId: request.tenantId,
    memoryIds: [],
    extractedCount: extracted.facts.length,
    autoSupersede: [],
    extraction: toldExtraction(extracted),
    dryRun: dryRunOf(request, extracted.facts, now),
  };
}

function dryRunOf(request: MessagesWrite, facts: ExtractedFacts['facts'], now: Date): DryRun {
  const { source, sessionId, externalId, metadata, messages } = request;
  const found = facts.map((fact) => {
    const positions = citedPositions(fact.positions, messages.length);
    return {
      ...fact,
      text: storable(fact.text),
      topic: storable(fact.topic),
      positions,
      validFrom: validFromOf(fact, request, now),
      capturedAt: capturedAt(positions, request, now),
    };
  });
  const cited = new Set(found.flatMap(({ positions }) => positions));
  return {
    source,
    sessionId,
    externalId,
    metadata,
    messages: messages.flatMap((message, position) =>
      cited.has(position) ? [{ ...message, position }] : [],
    ),
    facts: found,
  };
}
