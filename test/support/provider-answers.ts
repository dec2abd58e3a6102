/**
 * The result that a caller must get for each answer of a provider: written from docs/provider-wire.md §1 and §2 and from
 * docs/errors.md, not from the code. `test/integration/byo-errors.spec.ts` holds the product to it.
 */
export interface Due {
  /** 200, or the code of the problem. */
  readonly code: 200 | keyof typeof STATUS;
  /** Seconds in Retry-After; absent: there is no such header. */
  readonly wait?: number;
  /** The provider's own words, as `detail` repeats them. */
  readonly says?: string;
  /** The problem's `provider` field, if the provider answered. */
  readonly status?: number | null;
  readonly type?: string | null;
  readonly providerCode?: string | null;
  /** The number of calls that the provider receives. Absent: 1. */
  readonly calls?: number;
}

/** docs/errors.md: status of each code, and whether the same call may succeed later. */
export const STATUS = {
  llm_auth_failed: [401, false],
  llm_permission_denied: [403, false],
  llm_model_invalid: [422, false],
  llm_endpoint_invalid: [422, false],
  llm_context_length_exceeded: [422, false],
  llm_content_filtered: [422, false],
  llm_rejected_request: [422, false],
  llm_rate_limited: [429, true],
  llm_quota_exhausted: [429, false],
  llm_invalid_output: [502, false],
  llm_unavailable: [503, true],
} as const;

type Row = readonly [
  code: Due['code'],
  status: number,
  type: string | null,
  providerCode: string | null,
  says: string,
  wait?: number,
];

const due = (rows: Readonly<Record<string, Row>>): Readonly<Record<string, Due>> =>
  Object.fromEntries(
    Object.entries(rows).map(([name, [code, status, type, providerCode, says, wait]]) => [
      name,
      { code, status, type, providerCode, says, ...(wait !== undefined && { wait }) },
    ]),
  );

const AUTH = 'llm_auth_failed';
const DENIED = 'llm_permission_denied';
const MODEL = 'llm_model_invalid';
const ENDPOINT = 'llm_endpoint_invalid';
const LENGTH = 'llm_context_length_exceeded';
const FILTERED = 'llm_content_filtered';
const REJECTED = 'llm_rejected_request';
const RATE = 'llm_rate_limited';
const QUOTA = 'llm_quota_exhausted';
const DOWN = 'llm_unavailable';
const BAD = 'invalid_request_error';

const OPENAI = due({
  'bad-key': [AUTH, 401, BAD, 'invalid_api_key', 'Incorrect API key provided'],
  'no-key': [AUTH, 401, BAD, null, "You didn't provide an API key."],
  'restricted-key': [AUTH, 401, BAD, null, 'Missing scopes: model.request.'],
  'wrong-organization': [AUTH, 401, BAD, 'mismatched_organization', 'should match organization'],
  country: [
    DENIED,
    403,
    'request_forbidden',
    'unsupported_country_region_territory',
    'Country, region, or territory not supported',
  ],
  'model-not-found': [MODEL, 404, BAD, 'model_not_found', 'The model `sim-model-not-found` does'],
  'model-not-found-400': [MODEL, 400, BAD, 'model_not_found', "'sim-model-not-found-400' does not"],
  'context-length': [LENGTH, 400, BAD, 'context_length_exceeded', 'is 4097 tokens'],
  // The wait of 3.89 s, in milliseconds, in seconds or in words, is rounded up.
  'rate-limited': [RATE, 429, 'tokens', 'rate_limit_exceeded', 'Limit 30000, Used 28039', 4],
  'rate-limited-bare': [RATE, 429, 'tokens', 'rate_limit_exceeded', 'try again in 3.89s', 4],
  'rate-limited-requests': [RATE, 429, 'requests', 'rate_limit_exceeded', 'Limit 3, Used 3', 20],
  'request-too-large': [QUOTA, 429, 'tokens', 'rate_limit_exceeded', 'Requested 31538'],
  quota: [QUOTA, 429, 'insufficient_quota', 'insufficient_quota', 'exceeded your current quota'],
  'max-tokens-unsupported': [
    REJECTED,
    400,
    BAD,
    'unsupported_parameter',
    "'max_tokens' is not supported",
  ],
  'temperature-value': [REJECTED, 400, BAD, 'unsupported_value', "'temperature' does not support"],
  'temperature-parameter': [REJECTED, 400, BAD, 'unsupported_parameter', "'temperature' is not"],
  'bad-schema': [REJECTED, 400, BAD, null, 'Invalid schema for response_format'],
  'bad-schema-required': [REJECTED, 400, BAD, null, 'including every key in properties'],
  'empty-messages': [REJECTED, 400, BAD, 'empty_array', "Invalid 'messages': empty array."],
  'server-error': [DOWN, 500, 'server_error', null, 'had an error while processing your request'],
  overloaded: [DOWN, 503, 'server_error', null, 'The engine is currently overloaded'],
  'overloaded-with-wait': [DOWN, 503, 'server_error', null, 'engine is currently overloaded', 7],
});

const ANTHROPIC = due({
  'bad-key': [AUTH, 401, 'authentication_error', null, 'invalid x-api-key'],
  'no-key': [AUTH, 401, 'authentication_error', null, 'x-api-key header is required'],
  'model-not-found': [MODEL, 404, 'not_found_error', null, 'model: sim-model-not-found'],
  'rate-limited': [RATE, 429, 'rate_limit_error', null, '30,000 input tokens per minute', 5],
  'rate-limited-bare': [RATE, 429, 'rate_limit_error', null, '30,000 input tokens per minute'],
  'spend-limit': [
    QUOTA,
    429,
    'rate_limit_error',
    'enforced_spend_limit_reached',
    'reached its enforced spend limit',
  ],
  credits: [QUOTA, 400, BAD, null, 'Your credit balance is too low'],
  'context-length': [LENGTH, 400, BAD, null, '211180 tokens > 200000 maximum'],
  temperature: [REJECTED, 400, BAD, null, '`temperature` is deprecated for this model.'],
  'thinking-with-tool': [REJECTED, 400, BAD, null, 'Thinking may not be enabled'],
  effort: [REJECTED, 400, BAD, null, "does not support effort level 'xhigh'"],
  billing: [QUOTA, 402, 'billing_error', null, 'There is an issue with your billing.'],
  permission: [DENIED, 403, 'permission_error', null, 'does not have permission'],
  conflict: [REJECTED, 409, 'conflict_error', null, 'conflicts with the current state'],
  'request-too-large': [LENGTH, 413, 'request_too_large', null, 'exceeds the maximum size'],
  'server-error': [DOWN, 500, 'api_error', null, 'Internal server error'],
  timeout: [DOWN, 504, 'timeout_error', null, 'Request timed out.'],
  overloaded: [DOWN, 529, 'overloaded_error', null, 'Overloaded'],
});

const ACCESS = 'Access denied due to invalid subscription key';
const DEPLOYMENT = 'The API deployment for this resource does not exist.';
const AZURE = due({
  'bad-key': [AUTH, 401, null, '401', ACCESS],
  'bad-key-unauthorized': [AUTH, 401, null, 'Unauthorized', ACCESS],
  'key-auth-disabled': [DENIED, 403, null, 'AuthenticationTypeDisabled', 'Key based'],
  'model-not-found': [MODEL, 404, null, 'DeploymentNotFound', DEPLOYMENT],
  'model-not-found-typed': [MODEL, 404, BAD, 'DeploymentNotFound', DEPLOYMENT],
  // `detail` ends with a hint that the caller can act on.
  'wrong-path': [
    ENDPOINT,
    404,
    null,
    '404',
    'Resource not found. Check base_url, model and extra.api_version',
  ],
  'api-version-refused': [ENDPOINT, 400, null, 'BadRequest', 'API version not supported'],
  'feature-needs-version': [ENDPOINT, 400, null, 'BadRequest', '2024-08-01-preview and later'],
  'model-needs-version': [ENDPOINT, 400, null, 'BadRequest', '2024-12-01-preview and later'],
  'rate-limited': [RATE, 429, null, '429', 'Please retry after 33 seconds', 33],
  'rate-limited-day': [RATE, 429, null, '429', 'Please retry after 86400 seconds', 86_400],
  'rate-limited-named': [RATE, 429, null, 'RateLimitReached', 'retry after 60 seconds', 60],
  'rate-limited-short': [RATE, 429, null, '429', 'Rate limit is exceeded.', 2],
  'context-length': [LENGTH, 400, BAD, 'context_length_exceeded', 'is 4097 tokens'],
  'prompt-filtered': [FILTERED, 400, null, 'content_filter', 'content management policy'],
  // Azure API Management answers in its own format, without `error`.
  'gateway-bad-key': [AUTH, 401, null, null, 'Access denied due to missing subscription key.'],
  'gateway-rate-limited': [RATE, 429, null, null, 'Try again in 12 seconds.', 12],
  'server-error': [DOWN, 500, null, 'InternalServerError', 'had an error processing'],
  overloaded: [DOWN, 503, null, 'ServiceUnavailable', 'temporarily unable to process'],
});

const COMPATIBLE = {
  vllm: due({
    'bad-key': [AUTH, 401, null, null, 'Unauthorized'],
    'model-not-found': [MODEL, 404, 'NotFoundError', '404', '`sim-model-not-found` does not exist'],
    'model-not-found-flat': [MODEL, 404, 'NotFoundError', '404', 'does not exist.'],
    'context-length': [LENGTH, 400, 'BadRequestError', '400', 'is 4096 tokens'],
    'tool-choice-refused': [REJECTED, 400, 'BadRequestError', '400', 'requires --enable-auto-tool'],
    'server-error': [DOWN, 500, 'InternalServerError', '500', 'Internal server error'],
  }),
  groq: due({
    'bad-key': [AUTH, 401, BAD, 'invalid_api_key', 'Invalid API Key'],
    'model-not-found': [MODEL, 404, BAD, 'model_not_found', 'you do not have access to it'],
    'rate-limited': [RATE, 429, 'tokens', 'rate_limit_exceeded', 'Used 5533, Requested 1500', 11],
    'request-too-large': [RATE, 413, 'tokens', 'rate_limit_exceeded', 'Requested 9211'],
    'json-validate-failed': [REJECTED, 400, BAD, 'json_validate_failed', 'Failed to generate JSON'],
    'tool-use-failed': [REJECTED, 400, BAD, 'tool_use_failed', 'Failed to call a function'],
    'json-schema-refused': [REJECTED, 400, BAD, null, 'value is not one of the allowed values'],
    'server-error': [DOWN, 500, 'internal_server_error', null, 'Internal Server Error'],
  }),
  ollama: due({
    'bad-key': [AUTH, 401, 'api_error', null, 'unauthorized'],
    'model-not-found': [MODEL, 404, 'not_found_error', null, 'try pulling it first'],
    'bad-request': [REJECTED, 400, BAD, null, '[] is too short'],
    'server-error': [DOWN, 500, 'api_error', null, 'llama runner process has terminated'],
  }),
  deepseek: due({
    'bad-key': [AUTH, 401, 'authentication_error', BAD, 'Authentication Fails'],
    balance: [QUOTA, 402, 'unknown_error', BAD, 'Insufficient Balance'],
    'model-not-found': [MODEL, 400, BAD, BAD, 'Model Not Exist'],
    'json-schema-refused': [REJECTED, 400, BAD, BAD, 'response_format type is unavailable'],
    'json-schema-refused-422': [REJECTED, 422, null, null, 'Failed to deserialize the JSON body'],
    'server-error': [DOWN, 500, 'internal_error', null, 'Internal server error'],
  }),
  together: due({
    'bad-key': [AUTH, 401, BAD, 'invalid_api_key', 'Invalid API key provided'],
    'model-not-found': [MODEL, 404, BAD, 'model_not_found', '`sim-model-not-found` does not exist'],
    'model-not-available': [MODEL, 400, BAD, 'model_not_available', 'non-serverless model'],
    'rate-limited': [RATE, 429, 'model_rate_limit', null, 'rate limit specific to this model'],
    'server-error': [DOWN, 500, 'server_error', null, 'Internal server error'],
  }),
  openrouter: due({
    'bad-key': [AUTH, 401, null, '401', 'User not found.'],
    balance: [QUOTA, 402, null, '402', 'This request requires more credits'],
    'model-not-found': [MODEL, 400, null, '400', 'sim-model-not-found is not a valid model ID'],
    'no-endpoints': [MODEL, 404, null, '404', 'No endpoints found for sim-no-endpoints.'],
    'rate-limited': [RATE, 429, null, '429', 'Provider returned error'],
    moderated: [FILTERED, 403, null, '403', 'Input was flagged'],
    'upstream-error': [DOWN, 502, null, '502', 'Provider returned error'],
    'error-in-200': [DOWN, 500, null, '500', 'Internal Server Error'],
  }),
  moonshot: due({
    'bad-key': [AUTH, 401, 'invalid_authentication_error', null, 'Invalid Authentication'],
    'model-not-found': [MODEL, 404, 'resource_not_found_error', null, 'Not found the model'],
    'tool-choice-refused': [REJECTED, 400, BAD, null, "tool_choice 'required' is not supported"],
  }),
  mistral: due({
    'bad-key': [AUTH, 401, null, '401', ACCESS],
    'model-not-found': [MODEL, 404, null, 'unknown_model', 'Unknown model'],
    'max-completion-tokens-refused': [REJECTED, 422, null, null, 'Extra inputs are not permitted'],
  }),
};

/** The results by provider, and by the simulator's name of the failure. */
export const PROVIDER_ANSWERS: Readonly<Record<string, Readonly<Record<string, Due>>>> = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
  azure: AZURE,
  ...Object.fromEntries(
    Object.entries(COMPATIBLE).map(([flavour, rows]) => [`compat/${flavour}`, rows]),
  ),
};
