import {
  beginningOf,
  capturedAt,
  type CitedMessage,
  citedPositions,
  type DryRun,
  EXCERPT_CHARACTERS,
  type ExtractedFacts,
  MEMORY_BUDGET_BYTES,
  type Message,
  type MessagesWrite,
  sizesOfDryFacts,
  validFromOf,
  type WriteResult,
} from '@app/memory';

import { summarizeExtraction } from './result-of-write.js';
import { storable } from '../sql/storable.js';

/** The result of a dry run. It holds the facts themselves, because a dry run stores no memories. */
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
    extraction: summarizeExtraction(extracted),
    dryRun: dryRunOf(request, extracted.facts, now),
  };
}

/** The facts in their order until one answer is full, with the beginnings of the messages that they cite. */
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
  const scope = { source, sessionId, externalId, metadata };
  const beginnings = messages.map(beginningOfMessage);
  const sizes = sizesOfDryFacts({ ...scope, messages: beginnings, facts: found });
  let bytes = 0;
  const tooMuch = sizes.findIndex((size, index) => {
    bytes += size;
    return index > 0 && bytes > MEMORY_BUDGET_BYTES;
  });
  const shown = tooMuch === -1 ? found : found.slice(0, tooMuch);
  const cited = new Set(shown.flatMap(({ positions }) => positions));
  return {
    ...scope,
    messages: beginnings.filter(({ position }) => cited.has(position)),
    facts: shown,
    leftOut: found.length - shown.length,
  };
}

function beginningOfMessage(message: Message, position: number): CitedMessage {
  const content = beginningOf(message.content, EXCERPT_CHARACTERS);
  return { ...message, content, position, shortened: content.length < message.content.length };
}
