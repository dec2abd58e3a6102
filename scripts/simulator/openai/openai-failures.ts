import { type Call, bearerOf, headerOf } from '../http/call.js';
import { textOf } from '../http/json.js';
import type { Failure } from '../wire.js';
import { OPENAI_DRAINED, OPENAI_RATE_LIMITS } from './openai-headers.js';

/** OpenAI's errors always have all four fields. */
export function openaiError(
  message: string,
  rest: {
    readonly type?: string;
    readonly param?: string | null;
    readonly code?: string | null;
  } = {},
): object {
  const { type = 'invalid_request_error', param = null, code = null } = rest;
  return { error: { message, type, param, code } };
}

/** A 400 for a refused parameter. No scenario has this name. */
export function openaiRefusal(
  message: string,
  rest: { readonly param?: string | null; readonly code?: string | null } = {},
): Failure {
  return { name: 'refused-parameter', status: 400, body: () => openaiError(message, rest) };
}

export function modelIn(call: Call): string {
  return textOf(call.fields['model']) ?? decodeURIComponent(call.path.split('/').at(-1) ?? '');
}

/** Masks a key as OpenAI does: the first 8 and the last 4 characters are shown. A short key is shown whole. */
export function maskedKey(key: string): string {
  return key.length < 20 ? key : key.slice(0, 8) + '*'.repeat(key.length - 12) + key.slice(-4);
}

const ACCOUNT_PAGE = 'You can find your API key at https://platform.openai.com/account/api-keys.';
const LIMITS_PAGE = 'Visit https://platform.openai.com/account/rate-limits to learn more.';

const rateLimits = () => OPENAI_RATE_LIMITS;
const row = (
  name: string,
  status: number,
  message: string | ((call: Call) => string),
  rest: Parameters<typeof openaiError>[1] & { readonly headers?: Failure['headers'] } = {},
): Failure => ({
  name,
  status,
  ...(rest.headers && { headers: rest.headers }),
  body: (call) => openaiError(typeof message === 'string' ? message : message(call), rest),
});

const tpm = (call: Call) =>
  `Rate limit reached for ${modelIn(call)} in organization org-AbCdEfGhIjKlMnOpQrStUvWx on tokens per min (TPM): Limit 30000, Used 28039, Requested 3906. Please try again in 3.89s. ${LIMITS_PAGE}`;

/** https://platform.openai.com/docs/guides/error-codes, and recorded traffic. */
export const OPENAI_FAILURES: readonly Failure[] = [
  row(
    'bad-key',
    401,
    (call) =>
      `Incorrect API key provided: ${maskedKey(bearerOf(call) ?? headerOf(call, 'api-key') ?? '')}. ${ACCOUNT_PAGE}`,
    { code: 'invalid_api_key' },
  ),
  row(
    'no-key',
    401,
    `You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. ${ACCOUNT_PAGE}`,
  ),
  row(
    'restricted-key',
    401,
    "You have insufficient permissions for this operation. Missing scopes: model.request. Check that you have the correct role in your organization and project, and if you're using a restricted API key, that it has the necessary scopes.",
  ),
  row(
    'wrong-organization',
    401,
    'OpenAI-Organization header should match organization for API key',
    {
      code: 'mismatched_organization',
    },
  ),
  row('country', 403, 'Country, region, or territory not supported', {
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
  }),
  row(
    'model-not-found',
    404,
    (call) => `The model \`${modelIn(call)}\` does not exist or you do not have access to it.`,
    {
      code: 'model_not_found',
    },
  ),
  row(
    'model-not-found-400',
    400,
    (call) => `The requested model '${modelIn(call)}' does not exist.`,
    {
      param: 'model',
      code: 'model_not_found',
    },
  ),
  row(
    'context-length',
    400,
    "This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens. Please reduce the length of the messages.",
    { param: 'messages', code: 'context_length_exceeded' },
  ),
  row('rate-limited', 429, tpm, {
    type: 'tokens',
    code: 'rate_limit_exceeded',
    headers: () => ({ ...OPENAI_DRAINED, 'retry-after': '4', 'retry-after-ms': '3890' }),
  }),
  row('rate-limited-bare', 429, tpm, { type: 'tokens', code: 'rate_limit_exceeded' }),
  row(
    'rate-limited-requests',
    429,
    (call) =>
      `Rate limit reached for ${modelIn(call)} in organization org-AbCdEfGhIjKlMnOpQrStUvWx on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. ${LIMITS_PAGE}`,
    {
      type: 'requests',
      code: 'rate_limit_exceeded',
      headers: () => ({ ...OPENAI_DRAINED, 'retry-after': '20' }),
    },
  ),
  row(
    'request-too-large',
    429,
    (call) =>
      `Request too large for ${modelIn(call)} in organization org-AbCdEfGhIjKlMnOpQrStUvWx on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced in order to run successfully. ${LIMITS_PAGE}`,
    { type: 'tokens', code: 'rate_limit_exceeded', headers: rateLimits },
  ),
  row(
    'quota',
    429,
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
    { type: 'insufficient_quota', code: 'insufficient_quota' },
  ),
  row(
    'max-tokens-unsupported',
    400,
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    { param: 'max_tokens', code: 'unsupported_parameter' },
  ),
  row(
    'temperature-value',
    400,
    "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    { param: 'temperature', code: 'unsupported_value' },
  ),
  row(
    'temperature-parameter',
    400,
    "Unsupported parameter: 'temperature' is not supported with this model.",
    {
      param: 'temperature',
      code: 'unsupported_parameter',
    },
  ),
  row(
    'bad-schema',
    400,
    "Invalid schema for response_format 'extracted_facts': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    { param: 'response_format' },
  ),
  row(
    'bad-schema-required',
    400,
    "Invalid schema for response_format 'extracted_facts': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'note'.",
    { param: 'response_format' },
  ),
  row(
    'empty-messages',
    400,
    "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    {
      param: 'messages',
      code: 'empty_array',
    },
  ),
  row(
    'server-error',
    500,
    'The server had an error while processing your request. Sorry about that!',
    {
      type: 'server_error',
    },
  ),
  row('overloaded', 503, 'The engine is currently overloaded, please try again later', {
    type: 'server_error',
  }),
  row('overloaded-with-wait', 503, 'The engine is currently overloaded, please try again later', {
    type: 'server_error',
    headers: () => ({ 'retry-after': '7' }),
  }),
];

const byName = new Map(OPENAI_FAILURES.map((failure) => [failure.name, failure]));

/** Finds a row by its name. */
export function openaiFailure(name: string): Failure {
  const failure = byName.get(name);
  if (failure === undefined) throw new Error(`No such failure: ${name}`);
  return failure;
}
