import type { LlmTarget, ProviderName } from '@app/caller-keys';
import type { ApiEgress, Egress } from '@app/egress';

import type { LlmProvider, Quirks } from './llm-provider.js';
import type { FailureReader } from './errors/to-llm-error.js';

/** The features of an API. The ladder does not step down to a feature that the API lacks. */
export interface ApiFeatures {
  /** An output mode for JSON without a schema. */
  readonly jsonObject: boolean;
  /** `strict` beside a schema, which a compatible host may refuse. */
  readonly strictSchema: boolean;
  /** Two names of the limit on the answer. */
  readonly tokenLimitNames: boolean;
  /** A role `developer` for the instructions. */
  readonly developerRole: boolean;
  /** A host that refuses a forced tool may accept `tool_choice: auto`. */
  readonly autoToolChoice: boolean;
}

/**
 * All that the rest of this lib knows of one provider. Each provider's folder exports one definition, and `providers.ts` lists
 * them. The part that the gateway needs as well, without an SDK, is the `TargetDefinition` in `libs/caller-keys`.
 */
export interface ProviderDefinition {
  readonly name: ProviderName;
  /** Headers of this API besides `accept`, `authorization`, `content-type` and `user-agent`. The egress sends no others. */
  readonly requestHeaders: readonly string[];
  readonly features: ApiFeatures;
  readonly failures: FailureReader;
  /** The quirks of the first call to a host and model, before anything is learned of them. */
  firstQuirks(target: LlmTarget): Quirks;
  /**
   * @param egress sends the `requestHeaders`. A provider whose requests are signed wraps `fetch` and `request` with its signer;
   * a provider with short-lived tokens requests them with the same fetch.
   */
  connect(egress: ApiEgress): LlmProvider;
}

export const connectProvider = (definition: ProviderDefinition, egress: Egress): LlmProvider =>
  definition.connect(egress.forApi(definition.requestHeaders));

/** Removes the slashes at the end of a base URL: callers give it with and without them. */
export function withoutSlash(url: string): string {
  let end = url.length;
  while (url.endsWith('/', end)) end -= 1;
  return url.slice(0, end);
}
