export { LlmClient, type Prompt, type Spent } from './llm-client.js';
export type { PromptTurn, Usage, Verified } from './llm-provider.js';
export { LlmProvidersModule, type LlmProvidersOptions } from './llm-providers.module.js';
export { LlmError, type LlmErrorCode } from './llm.error.js';
export { metered, MeteredLlmClient } from './metered-client.js';
export { type ModelAccount, ModelAccounts, onModel } from './model-accounts.js';
export { QuirkStore } from './quirk-store.js';
export { type Scrubber, scrubberFor } from './scrub.js';
export { ProviderLlmClient, type ProviderLlmClientOptions } from './structured-output.js';
