import type { LlmTarget } from '@app/caller-keys';
import type { z } from 'zod';

import type { PromptTurn, Usage, VerifiedPart } from './llm-provider.js';

/** One prompt of a worker. */
export interface Prompt {
  readonly system: string;
  readonly turns: readonly PromptTurn[];
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
  /** Called with the usage of each answer, even if the answer is not used. */
  readonly onSpent?: ((usage: Usage) => void) | undefined;
}

/** Calls and tokens of a generation: all calls that were made for it, including repairs and the extra calls of the ladder. */
export interface GenerationSpending {
  readonly llmCalls: number;
  readonly usage: Usage;
}

/**
 * Model calls as the workers make them: structured output by the ladder, at most one repair turn, timeouts,
 * learned quirks. Every method calls only the target that it is given.
 * @throws AppError, which is an LlmError for every failure of a provider; the signal's own reason after an abort.
 */
export abstract class LlmClient {
  abstract generateObject<Schema extends z.ZodType>(
    prompt: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly value: z.output<Schema> }>;
  abstract generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly text: string }>;
  /**
   * Yields scrubbed pieces of the text as it is written, and returns the whole. Ending the loop early aborts the provider's
   * call. A failure after the first piece is final, and the text that was yielded before it must not be used.
   */
  abstract streamText(
    prompt: Prompt,
    target: LlmTarget,
  ): AsyncGenerator<string, GenerationSpending & { readonly text: string }>;
  /** Asks the provider whether key and model are valid, without spending tokens if it allows that. */
  abstract verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart>;
}
