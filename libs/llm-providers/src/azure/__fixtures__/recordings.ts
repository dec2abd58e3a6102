import { chatAnswers } from '../../openai/__fixtures__/chat-answers.js';
import type { Recordings } from '../../testing/recordings.js';

const failure = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
) => ({
  status,
  headers: { 'apim-request-id': '7d1f2c3b-0000-4000-8000-000000000001', ...headers },
  body: { error: { code, message } },
});

/** Answers and failures as Azure sends them. */
export const azureRecordings: Recordings = {
  ...chatAnswers,
  failures: {
    'a bad key': {
      ...failure(
        401,
        '401',
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
      ),
      code: 'llm_auth_failed',
      detail: 'Access denied due to invalid subscription key',
      provider: {
        status: 401,
        code: '401',
        type: null,
        requestId: '7d1f2c3b-0000-4000-8000-000000000001',
      },
    },
    'no permission': {
      ...failure(
        403,
        'AuthenticationTypeDisabled',
        'Key based authentication is disabled for this resource.',
      ),
      code: 'llm_permission_denied',
    },
    'an unknown model': {
      ...failure(
        404,
        'DeploymentNotFound',
        'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
      ),
      code: 'llm_model_invalid',
    },
    'a limited rate': {
      ...failure(
        429,
        '429',
        'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-08-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 33 seconds.',
      ),
      code: 'llm_rate_limited',
      retryAfterMs: 33_000,
    },
    'an exhausted quota': {
      ...failure(
        429,
        'insufficient_quota',
        'You exceeded your current quota, please check your plan and billing details.',
      ),
      code: 'llm_quota_exhausted',
    },
    'a prompt that is too long': {
      ...failure(
        400,
        'context_length_exceeded',
        "This model's maximum context length is 8192 tokens.",
      ),
      code: 'llm_context_length_exceeded',
    },
    'a parameter it does not take': {
      ...failure(
        400,
        'unsupported_parameter',
        "Unsupported parameter: 'max_tokens' is not supported with this model.",
      ),
      code: 'llm_rejected_request',
    },
    'filtered content': {
      status: 400,
      body: {
        error: {
          message:
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: {
            code: 'ResponsibleAIPolicyViolation',
            content_filter_result: { jailbreak: { filtered: true, detected: true } },
          },
        },
      },
      code: 'llm_content_filtered',
      provider: { code: 'content_filter', type: null },
    },
    'an overloaded server': {
      ...failure(503, 'InternalServerError', 'Backend busy'),
      code: 'llm_unavailable',
    },
  },
  others: {
    'a wrong path or api-version': {
      ...failure(404, '404', 'Resource not found'),
      code: 'llm_endpoint_invalid',
    },
    'an api-version that is refused': {
      ...failure(400, 'BadRequest', 'API version not supported'),
      code: 'llm_endpoint_invalid',
      detail: 'api_version',
    },
    'a model that needs a newer api-version': {
      ...failure(
        400,
        'BadRequest',
        'Model o1 is enabled only for api versions 2024-12-01-preview and later',
      ),
      code: 'llm_endpoint_invalid',
      detail: 'api_version',
    },
    'the other word for a bad key': {
      ...failure(401, 'Unauthorized', 'Access token is missing, invalid'),
      code: 'llm_auth_failed',
    },
    'API Management in front: no key': {
      status: 401,
      body: { statusCode: 401, message: 'Access denied due to missing subscription key.' },
      code: 'llm_auth_failed',
      detail: 'Access denied due to missing subscription key.',
    },
    'API Management in front: a limited rate': {
      status: 429,
      body: { statusCode: 429, message: 'Rate limit is exceeded. Try again in 2 seconds.' },
      code: 'llm_rate_limited',
      retryAfterMs: 2_000,
    },
    'a limited rate that a header tells of': {
      ...failure(429, '429', 'Your requests have exceeded the token rate limit.', {
        'x-rate-limit-reset-tokens': '55',
        'policy-id': 'DeploymentRatelimit-Token',
      }),
      code: 'llm_rate_limited',
      retryAfterMs: 55_000,
    },
    'a limited rate with a senseless header': {
      ...failure(429, '429', 'Slow down.', { 'retry-after': '-1' }),
      code: 'llm_rate_limited',
    },
  },
};
