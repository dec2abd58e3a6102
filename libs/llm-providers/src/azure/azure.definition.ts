import { APIError, OpenAIError } from 'openai';

import { CHAT_FEATURES, CHAT_QUIRKS } from '../openai/openai.definition.js';
import type { ProviderDefinition } from '../provider-definition.js';
import { type FailureReader, readSdkErrorsOf } from '../errors/to-llm-error.js';
import { AzureProvider } from './azure.provider.js';
import { classifyAzureFailure } from './classify-azure-failure.js';

const failures: FailureReader = {
  readSdkError: readSdkErrorsOf(APIError, OpenAIError),
  classify: classifyAzureFailure,
  addressFields: 'base_url, model and extra.api_version',
};

export const azureDefinition: ProviderDefinition = {
  name: 'azure',
  requestHeaders: ['api-key'],
  features: CHAT_FEATURES,
  failures,
  firstQuirks: () => ({ ...CHAT_QUIRKS, parallelTools: 'off' }),
  connect: (egress) => new AzureProvider(egress, failures),
};
