import type { Recordings } from '../../testing/recordings.js';
import { chatAnswers } from './chat-answers.js';

const failure = (
  status: number,
  message: string,
  type: string | null,
  code: string | number | null,
  headers: Record<string, string> = {},
) => ({
  status,
  headers: { 'x-request-id': 'req_0123456789abcdef0123456789abcdef', ...headers },
  body: { error: { message, type, param: null, code } },
});

/** Answers and failures as OpenAI and compatible hosts send them. */
export const openAiRecordings: Recordings = {
  ...chatAnswers,
  failures: {
    'a bad key': {
      ...failure(
        401,
        'Incorrect API key provided: sk-VKMIs***************************************wjh3. You can find your API key at https://platform.openai.com/account/api-keys.',
        'invalid_request_error',
        'invalid_api_key',
      ),
      code: 'llm_auth_failed',
      detail: 'Incorrect API key provided: [redacted] You can find your API key at',
      provider: {
        status: 401,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
        requestId: 'req_0123456789abcdef0123456789abcdef',
      },
    },
    'no permission': {
      ...failure(
        403,
        'Country, region, or territory not supported',
        'request_forbidden',
        'unsupported_country_region_territory',
      ),
      code: 'llm_permission_denied',
    },
    'an unknown model': {
      ...failure(
        404,
        'The model `gpt-4.1-nano-wrong` does not exist or you do not have access to it.',
        'invalid_request_error',
        'model_not_found',
      ),
      code: 'llm_model_invalid',
    },
    'a limited rate': {
      ...failure(
        429,
        'Rate limit reached for gpt-4.1 in organization org-AbCdEf123456 on tokens per min (TPM): Limit 30000, Used 28039, Requested 3906. Please try again in 3.89s. Visit https://platform.openai.com/account/rate-limits to learn more.',
        'tokens',
        'rate_limit_exceeded',
        { 'x-ratelimit-reset-tokens': '6m0s' },
      ),
      code: 'llm_rate_limited',
      retryAfterMs: 3_890,
      detail: 'in organization [redacted] on tokens',
    },
    'an exhausted quota': {
      ...failure(
        429,
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
        'insufficient_quota',
        { 'retry-after': '20' },
      ),
      code: 'llm_quota_exhausted',
    },
    'a prompt that is too long': {
      ...failure(
        400,
        "This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens. Please reduce the length of the messages.",
        'invalid_request_error',
        'context_length_exceeded',
      ),
      code: 'llm_context_length_exceeded',
    },
    'a parameter it does not take': {
      ...failure(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        'invalid_request_error',
        'unsupported_parameter',
      ),
      code: 'llm_rejected_request',
    },
    'filtered content': {
      ...failure(
        400,
        'The content was filtered.',
        'invalid_request_error',
        'content_policy_violation',
      ),
      code: 'llm_content_filtered',
    },
    'an overloaded server': {
      ...failure(
        503,
        'The engine is currently overloaded, please try again later',
        'server_error',
        null,
        { 'retry-after-ms': '1500.2' },
      ),
      code: 'llm_unavailable',
      retryAfterMs: 1_501,
    },
  },
  others: {
    'a bad key that is short, echoed whole': {
      ...failure(
        401,
        'Incorrect API key provided: Toxic.',
        'invalid_request_error',
        'invalid_api_key',
      ),
      code: 'llm_auth_failed',
      detail: 'Incorrect API key provided: [redacted]',
    },
    'missing scopes': {
      ...failure(
        401,
        'You have insufficient permissions for this operation. Missing scopes: model.request.',
        'invalid_request_error',
        null,
      ),
      code: 'llm_auth_failed',
    },
    'an unknown model at Responses': {
      ...failure(
        400,
        "The requested model 'gpt-5.2-proo' does not exist.",
        'invalid_request_error',
        'model_not_found',
      ),
      code: 'llm_model_invalid',
    },
    'a single request over the limit': {
      ...failure(
        429,
        'Request too large for gpt-4o in organization org-AbCdEf123456: Limit 30000, Requested 31538.',
        'tokens',
        'rate_limit_exceeded',
      ),
      code: 'llm_quota_exhausted',
    },
    'a limited rate without a word of when': {
      ...failure(429, 'Slow down.', 'requests', 'rate_limit_exceeded'),
      code: 'llm_rate_limited',
    },
    'vLLM: a code that is a number': {
      ...failure(404, 'The model `x` does not exist.', 'NotFoundError', 404),
      code: 'llm_model_invalid',
      provider: { code: '404' },
    },
    'vLLM: an error that is a string': {
      status: 401,
      body: { error: 'Unauthorized' },
      code: 'llm_auth_failed',
      detail: 'Unauthorized',
    },
    'vLLM, older: a flat error': {
      status: 400,
      body: {
        object: 'error',
        message: "This model's maximum context length is 2048 tokens.",
        type: 'BadRequestError',
        param: null,
        code: 400,
      },
      code: 'llm_context_length_exceeded',
    },
    'Groq: 413 that is about the rate': {
      ...failure(413, 'Request too large for model', 'tokens', 'rate_limit_exceeded', {
        'retry-after': '3',
      }),
      code: 'llm_rate_limited',
      retryAfterMs: 3_000,
    },
    'Together: a model that is not served': {
      ...failure(
        400,
        'Unable to access non-serverless model',
        'invalid_request_error',
        'model_not_available',
      ),
      code: 'llm_model_invalid',
    },
    'Ollama: a model that is not there': {
      ...failure(404, 'model "nope" not found, try pulling it first', 'not_found_error', null),
      code: 'llm_model_invalid',
    },
    'DeepSeek: a wrong content type': {
      status: 400,
      headers: { 'content-type': 'application/octet-stream' },
      body: '{"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}',
      code: 'llm_rejected_request',
      detail: 'This response_format type is unavailable now',
    },
    'FastAPI: a list of faults': {
      status: 422,
      body: {
        detail: [
          {
            type: 'extra_forbidden',
            loc: ['body', 'max_completion_tokens'],
            msg: 'Extra inputs are not permitted',
          },
        ],
      },
      code: 'llm_rejected_request',
      detail: 'body.max_completion_tokens: Extra inputs are not permitted',
    },
    'OpenRouter: 402': {
      ...failure(402, 'Insufficient credits', null, 402),
      code: 'llm_quota_exhausted',
    },
    'OpenRouter: 429 inside of 200': {
      status: 200,
      body: { error: { message: 'Rate limited', code: 429 } },
      code: 'llm_rate_limited',
      provider: { status: 429 },
    },
    'an empty 429 with a date': {
      status: 429,
      headers: { 'retry-after': '0' },
      body: '',
      code: 'llm_rate_limited',
      detail: 'The provider limits the rate of this key.',
    },
    'plain text': {
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: '404 page not found',
      code: 'llm_endpoint_invalid',
      detail: '404 page not found',
    },
  },
};
