import { citedPositions } from '../memories/cited-turns.js';
import { beginningOf, EXCERPT_CHARACTERS, MEMORY_BUDGET_BYTES } from '../memories/excerpt.js';
import type { SupersessionOutcome } from '../supersession/comparison.js';
import { capturedAt, validFromOf } from './date-fact.js';
import { type CitedMessage, type DryRun, sizesOfDryFacts } from './dry-run.js';
import type { ContentWrite, Message, MessagesWrite } from './write.js';
import type { ExtractedFacts } from './write-job.js';
import type { TokenUsage } from '../spending.js';

/** The result of a write: ids and counts. Only the result of a dry run holds text. */
export interface WriteResult {
  readonly mode: 'content' | 'messages';
  readonly status: 'saved' | 'duplicate' | 'extracted' | 'dry_run';
  readonly tenantId: string | null;
  /** content mode: one id; messages mode: the memories that were stored, in the order of the facts. */
  readonly memoryIds: readonly string[];
  readonly extractedCount: number;
  /** One for each of memoryIds, in their order. */
  readonly autoSupersede: readonly SupersessionOutcome[];
  readonly extraction: {
    readonly provider: string;
    readonly model: string;
    readonly byoLlm: boolean;
    readonly promptVersion: string;
    readonly llmCalls: number;
    readonly usage: TokenUsage;
    readonly note: string | null;
  } | null;
  /** Only of a dry run: the memories that would have been stored. An erasure removes it with the rest of the result. */
  readonly dryRun?: DryRun | undefined;
}

/** @param outcome of the stored memory, or of the current memory that already holds the fact. */
export function contentResult(
  request: ContentWrite,
  status: 'saved' | 'duplicate',
  outcome: SupersessionOutcome,
): WriteResult {
  return {
    mode: 'content',
    status,
    tenantId: request.tenantId,
    memoryIds: [outcome.memoryId],
    extractedCount: 1,
    autoSupersede: [outcome],
    extraction: null,
  };
}

/** @param outcomes of the stored memories, in the order of their facts. */
export function messagesResult(
  request: MessagesWrite,
  extracted: ExtractedFacts,
  outcomes: readonly SupersessionOutcome[],
): WriteResult {
  return {
    mode: 'messages',
    status: 'extracted',
    tenantId: request.tenantId,
    memoryIds: outcomes.map(({ memoryId }) => memoryId),
    extractedCount: extracted.facts.length,
    autoSupersede: outcomes,
    extraction: summarizeExtraction(extracted),
  };
}

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

/** The part of an extraction that the result of a write keeps. */
function summarizeExtraction({
  extraction,
  llmCalls,
  usage,
  note,
}: ExtractedFacts): WriteResult['extraction'] {
  return (
    extraction && {
      provider: extraction.provider,
      model: extraction.model,
      byoLlm: extraction.byoLlm,
      promptVersion: extraction.promptVersion,
      llmCalls,
      usage,
      note,
    }
  );
}
