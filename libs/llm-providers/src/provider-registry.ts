import type { ProviderName } from '@app/caller-keys';
import type { Egress } from '@app/egress';

import { AnthropicProvider } from './anthropic/anthropic.provider.js';
import { AzureProvider } from './azure/azure.provider.js';
import type { LlmProvider } from './llm-provider.js';
import { OpenAiProvider } from './openai/openai.provider.js';

/** Every provider that a caller may name: one that is missing here does not compile. */
export type ProviderRegistry = Readonly<Record<ProviderName, LlmProvider>>;

export function providersOn(egress: Egress): ProviderRegistry {
  return {
    anthropic: new AnthropicProvider(egress),
    openai: new OpenAiProvider(egress),
    azure: new AzureProvider(egress),
  };
}
