import type { LlmTarget } from '@app/caller-keys';
import type { z } from 'zod';

import { addTokens } from './boundary/token-count.js';
import { LlmClient, type Prompt, type GenerationSpending } from './llm-client.js';
import type { Usage, VerifiedPart } from './llm-provider.js';
import type { ModelAccount } from './model-accounts.js';

/** Calls and tokens of all answers, including those that were not used. */
export interface MeteredSpending extends Usage {
  readonly calls: number;
}

/** Wraps a client for one job and sums up the spending of all its answers, including those that were not used. */
export class MeteredLlmClient extends LlmClient {
  #spent: MeteredSpending = { calls: 0, inputTokens: 0, outputTokens: 0 };

  constructor(private readonly client: LlmClient) {
    super();
  }

  get spent(): MeteredSpending {
    return this.#spent;
  }

  override generateObject<Schema extends z.ZodType>(
    prompt: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly value: z.output<Schema> }> {
    return this.client.generateObject({ ...prompt, onSpent: this.#addUsage }, target);
  }

  override generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly text: string }> {
    return this.client.generateText({ ...prompt, onSpent: this.#addUsage }, target);
  }

  override streamText(
    prompt: Prompt,
    target: LlmTarget,
  ): AsyncGenerator<string, GenerationSpending & { readonly text: string }> {
    return this.client.streamText({ ...prompt, onSpent: this.#addUsage }, target);
  }

  override verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart> {
    return this.client.verify(target, signal);
  }

  readonly #addUsage = ({ inputTokens, outputTokens }: Usage): void => {
    this.#spent = {
      calls: this.#spent.calls + 1,
      inputTokens: addTokens(this.#spent.inputTokens, inputTokens),
      outputTokens: addTokens(this.#spent.outputTokens, outputTokens),
    };
  };
}

export const meterAccount = (
  account: ModelAccount,
): ModelAccount & { readonly client: MeteredLlmClient } => ({
  ...account,
  client: new MeteredLlmClient(account.client),
});
