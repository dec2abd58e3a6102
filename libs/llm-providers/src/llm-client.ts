import type { LlmTarget } from '@app/caller-keys';
import type { z } from 'zod';

import type { PromptTurn, Usage, Verified } from './llm-provider.js';

/** What the two workers ask for. */
export interface Prompt {
  readonly system: string;
  readonly turns: readonly PromptTurn[];
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
  /** Told of what each answer cost, though it be of no use. */
  readonly onSpent?: ((usage: Usage) => void) | undefined;
}

/** What a generation cost: every call that was made for it, repairs and the ladder's extra calls included. */
export interface Spent {
  readonly llmCalls: number;
  readonly usage: Usage;
}

/**
 * Model calls as the workers see them: structured output by the ladder, at most one repair turn, deadlines,
 * learned quirks. Every method calls the target that it is given and nothing else.
 * @throws LlmError
 */
export abstract class LlmClient {
  abstract generateObject<Schema extends z.ZodType>(
    prompt: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<Spent & { readonly value: z.output<Schema> }>;
  abstract generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<Spent & { readonly text: string }>;
  /**
   * The same as it is written: yields pieces that are scrubbed already, returns their whole. Leaving it early ends the
   * provider's call. Once a piece is out a failure is final: what was yielded then counts for nothing.
   */
  abstract streamText(
    prompt: Prompt,
    target: LlmTarget,
  ): AsyncGenerator<string, Spent & { readonly text: string }>;
  /** Asks the provider whether key and model are good, without spending tokens where it allows that. */
  abstract verify(target: LlmTarget, signal: AbortSignal): Promise<Verified>;
}
