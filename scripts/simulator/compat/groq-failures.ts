import { modelIn } from '../openai/openai-failures.js';
import type { Failure } from '../wire.js';
import { row } from './row.js';

/** Groq's errors have no field `param`. */
const groq = (message: string, type: string, code?: string, rest: object = {}) => ({
  error: { message, type, ...(code !== undefined && { code }), ...rest },
});
const GROQ_DRAINED = {
  'x-ratelimit-limit-requests': '14400',
  'x-ratelimit-limit-tokens': '6000',
  'x-ratelimit-remaining-tokens': '0',
  'x-ratelimit-reset-tokens': '10.332999999s',
};

const JSON_SCHEMA_REFUSED =
  "'response_format.type' : value is not one of the allowed values ['text','json_object']";

export const GROQ_FAILURES: readonly Failure[] = [
  row('bad-key', 401, () => groq('Invalid API Key', 'invalid_request_error', 'invalid_api_key')),
  row('model-not-found', 404, (call) =>
    groq(
      `The model \`${modelIn(call)}\` does not exist or you do not have access to it.`,
      'invalid_request_error',
      'model_not_found',
    ),
  ),
  row(
    'rate-limited',
    429,
    (call) =>
      groq(
        `Rate limit reached for model \`${modelIn(call)}\` in organization \`org_01simulated\` service tier \`on_demand\` on tokens per minute (TPM): Limit 6000, Used 5533, Requested 1500. Please try again in 10.333s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing`,
        'tokens',
        'rate_limit_exceeded',
      ),
    () => ({ ...GROQ_DRAINED, 'retry-after': '11' }),
  ),
  row('request-too-large', 413, (call) =>
    groq(
      `Request too large for model \`${modelIn(call)}\` in organization \`org_01simulated\` service tier \`on_demand\` on tokens per minute (TPM): Limit 6000, Requested 9211, please reduce your message size and try again.`,
      'tokens',
      'rate_limit_exceeded',
    ),
  ),
  row('json-validate-failed', 400, () =>
    groq(
      "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more details.",
      'invalid_request_error',
      'json_validate_failed',
      {
        failed_generation: '{"facts": [',
      },
    ),
  ),
  row('tool-use-failed', 400, () =>
    groq(
      "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
      'invalid_request_error',
      'tool_use_failed',
      {
        failed_generation: '<function=extracted_facts>{"facts"',
      },
    ),
  ),
  row('json-schema-refused', 400, () => groq(JSON_SCHEMA_REFUSED, 'invalid_request_error')),
  row('server-error', 500, () => groq('Internal Server Error', 'internal_server_error')),
];
