import type { ProviderName } from '@app/caller-keys';
import type { Egress } from '@app/egress';

import { anthropicDefinition } from './anthropic/anthropic.definition.js';
import { azureDefinition } from './azure/azure.definition.js';
import type { LlmProvider } from './llm-provider.js';
import { openaiDefinition } from './openai/openai.definition.js';
import { connectProvider, type ProviderDefinition } from './provider-definition.js';

/** Every provider that a caller may name. If one is missing here, the code does not compile. */
const DEFINITIONS: Readonly<Record<ProviderName, ProviderDefinition>> = {
  anthropic: anthropicDefinition,
  openai: openaiDefinition,
  azure: azureDefinition,
};

export const definitionOf = (provider: ProviderName): ProviderDefinition => DEFINITIONS[provider];

/** Finds a provider by its name. Each has its own fetch, which sends the headers of its API alone. */
export type ProviderLookup = (name: ProviderName) => LlmProvider;

export function providersOn(egress: Egress): ProviderLookup {
  const providers = new Map(
    Object.values(DEFINITIONS).map((definition) => [
      definition.name,
      connectProvider(definition, egress),
    ]),
  );
  return (name) => {
    const provider = providers.get(name);
    if (!provider) throw new TypeError(`There is no provider ${name}.`);
    return provider;
  };
}
