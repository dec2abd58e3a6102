import { isAtVendor, type LlmTarget } from '@app/caller-keys';
import { APIError, OpenAIError } from 'openai';

import { PLAIN_QUIRKS, type Quirks } from '../llm-provider.js';
import type { ApiFeatures, ProviderDefinition } from '../provider-definition.js';
import { type FailureReader, readSdkErrorsOf } from '../errors/to-llm-error.js';
import { classifyOpenAiFailure } from './classify-openai-failure.js';
import { OpenAiProvider } from './openai.provider.js';

const failures: FailureReader = {
  readSdkError: readSdkErrorsOf(APIError, OpenAIError),
  classify: classifyOpenAiFailure,
  addressFields: 'base_url',
};

/** Chat Completions, which Azure implements too. */
export const CHAT_FEATURES: ApiFeatures = {
  jsonObject: true,
  strictSchema: true,
  tokenLimitNames: true,
  developerRole: true,
  // The first call sends `auto` already.
  autoToolChoice: false,
};

/** Several compatible servers refuse `tool_choice` in every form but `auto`. The system prompt asks for the tool. */
export const CHAT_QUIRKS: Quirks = {
  ...PLAIN_QUIRKS,
  outputMode: 'json_schema',
  strictSchema: true,
  streamUsage: true,
  toolChoice: 'auto',
};

/** OpenAI's reasoning models, on any host: they refuse `max_tokens` (OpenAI's error messages, 2024–2026). */
const REASONING_MODEL = /^(o\d|gpt-[5-9])/;

/** OpenAI's own models need `max_completion_tokens`; compatible servers accept `max_tokens`, and Ollama no other name. */
function firstQuirks(target: LlmTarget): Quirks {
  const isOpenAi = isAtVendor(target);
  return {
    ...CHAT_QUIRKS,
    ...((isOpenAi || REASONING_MODEL.test(target.model)) && {
      tokenLimit: 'max_completion_tokens',
    }),
    ...(isOpenAi && { parallelTools: 'off' }),
  };
}

export const openaiDefinition: ProviderDefinition = {
  name: 'openai',
  requestHeaders: [],
  features: CHAT_FEATURES,
  failures,
  firstQuirks,
  connect: (egress) => new OpenAiProvider(egress, failures),
};
