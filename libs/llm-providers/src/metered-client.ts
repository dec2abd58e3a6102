import type { LlmTarget } from '@app/caller-keys';
import type { z } from 'zod';

import { addTokens } from './boundary/token-count.js';
import { LlmClient, type Prompt, type Spent } from './llm-client.js';
import type { Usage, Verified } from './llm-provider.js';
import type { ModelAccount } from './model-accounts.js';

/** What answers have cost, put to use or not. */
export interface Metered extends Usage {
  readonly calls: number;
}

/** The same client for one job, which knows what every answer through it has cost so far, whatever became of the answer. */
export class MeteredLlmClient extends LlmClient {
  #spent: Metered = { calls: 0, inputTokens: 0, outputTokens: 0 };

  constructor(private readonly client: LlmClient) {
    super();
  }

  get spent(): Metered {
    return this.#spent;
  }

  override generateObject<Schema extends z.ZodType>(
    prompt: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<Spent & { readonly value: z.output<Schema> }> {
    return this.client.generateObject({ ...prompt, onSpent: this.#note }, target);
  }

  override generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<Spent & { readonly text: string }> {
    return this.client.generateText({ ...prompt, onSpent: this.#note }, target);
  }

  override streamText(
    prompt: Prompt,
    target: LlmTarget,
  ): AsyncGenerator<string, Spent & { readonly text: string }> {
    return this.client.streamText({ ...prompt, onSpent: this.#note }, target);
  }

  override verify(target: LlmTarget, signal: AbortSignal): Promise<Verified> {
    return this.client.verify(target, signal);
  }

  readonly #note = ({ inputTokens, outputTokens }: Usage): void => {
    this.#spent = {
      calls: this.#spent.calls + 1,
      inputTokens: addTokens(this.#spent.inputTokens, inputTokens),
      outputTokens: addTokens(this.#spent.outputTokens, outputTokens),
    };
  };
}

export const metered = (
  account: ModelAccount,
): ModelAccount & { readonly client: MeteredLlmClient } => ({
  ...account,
  client: new MeteredLlmClient(account.client),
});
