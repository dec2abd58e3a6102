export { CallerKey, MIN_KEY_CHARACTERS } from './caller-key.js';
export { generateSealingPair } from './envelope.js';
export { type EnvelopeContent, KeySealer } from './key-sealer.js';
export { keyUnavailable } from './sealed.js';
export {
  addressOfTarget,
  isAtVendor,
  type LlmTarget,
  llmTargetSchema,
} from './llm-target.schemas.js';
export { isAzureV1 } from './providers/azure.js';
export {
  LLM_SECRET_FIELDS,
  PROVIDER_ENVIRONMENT_PREFIXES,
  PROVIDER_NAMES,
  type ProviderName,
} from './providers/definitions.js';
export { type SealBinding, type Sealed, sealedSchema } from './sealed.js';
