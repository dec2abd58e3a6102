/** What each code means to HTTP and to the queue. The one table: docs/errors.md is held to it by a test. */
export const CODES = {
  invalid_request: { status: 400, retryable: false, title: 'The request is malformed' },
  llm_invalid_request: { status: 400, retryable: false, title: 'The llm object is malformed' },
  llm_base_url_forbidden: {
    status: 400,
    retryable: false,
    title: 'This base_url may not be called',
  },
  not_authenticated: { status: 401, retryable: false, title: 'A valid API key is required' },
  llm_auth_failed: { status: 401, retryable: false, title: 'The provider refused the key' },
  llm_permission_denied: { status: 403, retryable: false, title: 'The provider denied permission' },
  permission_denied: {
    status: 403,
    retryable: false,
    title: 'This API key may not do that',
  },
  account_blocked: { status: 403, retryable: false, title: 'The account is blocked' },
  not_found: { status: 404, retryable: false, title: 'Not found' },
  method_not_allowed: { status: 405, retryable: false, title: 'Method not allowed' },
  memory_not_current: { status: 409, retryable: false, title: 'The memory is no longer current' },
  job_not_retryable: { status: 409, retryable: false, title: 'The job cannot be retried' },
  job_not_cancellable: { status: 409, retryable: false, title: 'The job cannot be cancelled' },
  idempotency_in_flight: {
    status: 409,
    retryable: true,
    title: 'The first request is still running',
  },
  caller_key_unavailable: { status: 409, retryable: false, title: 'The sealed key is gone' },
  payload_too_large: { status: 413, retryable: false, title: 'The body is too large' },
  unsupported_media_type: { status: 415, retryable: false, title: 'Unsupported media type' },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key was used before',
  },
  supersession_invalid: {
    status: 422,
    retryable: false,
    title: 'This supersession is not possible',
  },
  llm_model_invalid: {
    status: 422,
    retryable: false,
    title: 'The provider does not know the model',
  },
  llm_endpoint_invalid: {
    status: 422,
    retryable: false,
    title: 'The provider does not know the endpoint',
  },
  llm_context_length_exceeded: {
    status: 422,
    retryable: false,
    title: 'The text is too long for the model',
  },
  llm_content_filtered: {
    status: 422,
    retryable: false,
    title: 'The provider filtered the content',
  },
  llm_rejected_request: {
    status: 422,
    retryable: false,
    title: 'The provider rejected the request',
  },
  llm_rate_limited: { status: 429, retryable: true, title: 'The provider limits the rate' },
  llm_quota_exhausted: {
    status: 429,
    retryable: false,
    title: 'The quota at the provider is exhausted',
  },
  rate_limited: { status: 429, retryable: true, title: 'Too many requests' },
  quota_exceeded: { status: 429, retryable: false, title: 'The plan’s quota is used up' },
  internal: { status: 500, retryable: false, title: 'Internal error' },
  llm_invalid_output: { status: 502, retryable: false, title: 'The model gave no usable output' },
  llm_unavailable: { status: 503, retryable: true, title: 'The provider cannot be reached' },
  bundled_llm_unavailable: {
    status: 503,
    retryable: false,
    title: 'No bundled model is configured',
  },
  unavailable: { status: 503, retryable: true, title: 'The service is unavailable' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof CODES;
