import { AnthropicError, APIError } from '@anthropic-ai/sdk';

import { PLAIN_QUIRKS } from '../llm-provider.js';
import type { ProviderDefinition } from '../provider-definition.js';
import { type FailureReader, readSdkErrorsOf } from '../errors/to-llm-error.js';
import { AnthropicProvider } from './anthropic.provider.js';
import { classifyAnthropicFailure } from './classify-anthropic-failure.js';

const failures: FailureReader = {
  readSdkError: readSdkErrorsOf(APIError, AnthropicError),
  classify: classifyAnthropicFailure,
  addressFields: 'base_url',
};

export const anthropicDefinition: ProviderDefinition = {
  name: 'anthropic',
  requestHeaders: ['x-api-key', 'anthropic-version'],
  features: {
    jsonObject: false,
    strictSchema: false,
    tokenLimitNames: false,
    developerRole: false,
    autoToolChoice: true,
  },
  failures,
  firstQuirks: () => ({
    ...PLAIN_QUIRKS,
    outputMode: 'json_schema',
    strictSchema: true,
    streamUsage: true,
    toolChoice: 'forced',
  }),
  connect: (egress) => new AnthropicProvider(egress, failures),
};
