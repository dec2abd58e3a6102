import { addTokens, type ModelAccount, scrubberFor } from '@app/llm-providers';
import {
  type ClockTime,
  type ExtractedFacts,
  isoWithOffset,
  isTextless,
  type MessagesWrite,
  type TokenUsage,
} from '@app/memory';
import { countSpent } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { extractFactsPrompt, PROMPT_VERSION } from './extract-facts.prompt.js';
import { mapInParallel } from './in-parallel.js';
import { mergeFacts, NO_TEXT } from './merge-facts.js';
import { extractedFactsSchema, type FactsRead, readFacts } from './read-facts.js';
import { type Excerpt, splitConversation } from './split-conversation.js';

/** Parts of one conversation that are extracted at once. More calls would mostly meet the rate limit of the model account. */
const PARTS_AT_ONCE = 4;
const MAX_OUTPUT_TOKENS = 8_192;

interface PartResult extends FactsRead {
  readonly llmCalls: number;
  readonly usage: TokenUsage;
}

/** Extracts facts from a conversation with a model, without storing them. */
@Injectable()
export class MemoryExtractionService {
  /**
   * Messages without any text have no facts, so no model is called.
   * @throws LlmError when any part fails, so that a retry extracts all parts again.
   */
  async extract(
    write: MessagesWrite,
    account: ModelAccount,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const recorded = {
      at: write.recordedAt ?? new Date(),
      offsetMinutes: write.recordedAtOffsetMinutes ?? 0,
    };
    const hasText = !write.messages.every(isTextless);
    const read = await mapInParallel(
      hasText ? splitConversation(write.messages) : [],
      PARTS_AT_ONCE,
      (part, partSignal) => readPart(part, recorded, account, partSignal),
      signal,
    );
    const { target, owner } = account;
    const spent = {
      llmCalls: sum(read, ({ llmCalls }) => llmCalls),
      usage: {
        inputTokens: sum(read, ({ usage }) => usage.inputTokens),
        outputTokens: sum(read, ({ usage }) => usage.outputTokens),
      },
    };
    return {
      ...(hasText ? await mergeFacts(read) : { facts: [], note: NO_TEXT }),
      ...spent,
      spent: hasText ? [{ owner, ...spent }] : [],
      comparisons: [],
      extraction: {
        provider: target.provider,
        model: target.model,
        byoLlm: owner === 'caller',
        baseUrlHost:
          owner === 'caller' && target.baseUrl !== undefined ? new URL(target.baseUrl).host : null,
        promptVersion: PROMPT_VERSION,
        extractedAt: new Date(),
      },
    };
  }
}

async function readPart(
  part: readonly Excerpt[],
  recorded: ClockTime,
  { client, target, owner }: ModelAccount,
  signal: AbortSignal,
): Promise<PartResult> {
  const { value, llmCalls, usage } = await client.generateObject(
    {
      ...extractFactsPrompt(part, isoWithOffset(recorded.at, recorded.offsetMinutes)),
      shapeName: 'extracted_facts',
      schema: extractedFactsSchema,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      signal,
    },
    target,
  );
  countSpent({ provider: target.provider, account: owner }, { llmCalls, usage });
  const scrubber = scrubberFor(target.key);
  const found = await readFacts(value, part, recorded, (text) => scrubber.text(text));
  return { ...found, llmCalls, usage };
}

function sum(parts: readonly PartResult[], of: (part: PartResult) => number): number {
  return parts.reduce((total, part) => addTokens(total, of(part)), 0);
}
