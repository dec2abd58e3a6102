export { CallerKey, MIN_KEY_CHARACTERS } from './caller-key.js';
export { generateSealingPair } from './key-pair.js';
export { type Enclosed, KeySealer, type NamedKey, type Sealing } from './key-sealer.js';
export { keyUnavailable } from './key-unavailable.js';
export { isAzureV1, type LlmTarget, llmTargetSchema } from './llm-target.schemas.js';
export { PROVIDER_NAMES, type ProviderName } from './provider-name.js';
export { type SealBinding, type Sealed, sealedSchema } from './sealed.js';
