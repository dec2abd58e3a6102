/**
 * Each code with its HTTP status, its retry rule and its texts. `docs/errors.md` and the page at `/docs/errors` are generated
 * from this table.
 */
export const CODES = {
  invalid_request: {
    status: 400,
    retryable: false,
    title: 'The request is malformed',
    meaning: 'The body, a parameter or a header is malformed.',
    remedy: 'Correct each place that `errors` names. It says what is wrong there.',
  },
  llm_invalid_request: {
    status: 400,
    retryable: false,
    title: 'The llm object is malformed',
    meaning: 'The `llm` object is malformed: provider, model, key, `base_url` or `extra`.',
    remedy: 'Mend what `errors` names. A field that is not known is refused there.',
  },
  llm_base_url_forbidden: {
    status: 400,
    retryable: false,
    title: 'This base_url may not be called',
    meaning:
      'This `base_url` may not be called from here: a private or reserved address, plain `http:`, or a host that is not listed.',
    remedy: 'Name a public `https:` address. Operators open other hosts with `LLM_ALLOWED_HOSTS`.',
  },
  not_authenticated: {
    status: 401,
    retryable: false,
    title: 'A valid API key is required',
    meaning: 'The Aurra API key is missing, unknown, revoked or expired.',
    remedy:
      'Send `Authorization: Bearer aurra_…` with a valid key; under `/admin`, send the operator’s token.',
  },
  llm_auth_failed: {
    status: 401,
    retryable: false,
    title: 'The provider refused the key',
    meaning:
      'The provider refused the key in `llm`. Its own status may differ. Its message, scrubbed, is in `detail`.',
    remedy: 'Pass a key that the provider accepts. `POST /llm/verify` tests a key.',
  },
  llm_permission_denied: {
    status: 403,
    retryable: false,
    title: 'The provider denied permission',
    meaning:
      'The provider says that this key may not do this: a region, a scope, an organisation’s rule.',
    remedy: 'Give the key that permission at the provider, or pass another key or model.',
  },
  permission_denied: {
    status: 403,
    retryable: false,
    title: 'This API key may not do that',
    meaning: 'This API key is read-only, and the route changes something.',
    remedy: 'Use a key that may write.',
  },
  account_blocked: {
    status: 403,
    retryable: false,
    title: 'The account is blocked',
    meaning: 'The account is suspended, or over its quota past the grace period.',
    remedy:
      '`GET /plan/status` says which. A used-up quota ends with the month (UTC) or with a larger plan. Ask the operator of this installation about a suspension.',
  },
  not_found: {
    status: 404,
    retryable: false,
    title: 'Not found',
    meaning: 'There is no such thing, or it belongs to another account or tenant.',
    remedy: 'Check the address, the id, and which tenant the API key may see.',
  },
  method_not_allowed: {
    status: 405,
    retryable: false,
    title: 'Method not allowed',
    meaning: 'The address exists, but does not take this method.',
    remedy: 'Use one that the `Allow` header names.',
  },
  memory_not_current: {
    status: 409,
    retryable: false,
    title: 'The memory is no longer current',
    meaning: 'The memory was superseded or ended before.',
    remedy: 'Read its timeline and change the memory that is current, or restore this one.',
  },
  job_not_retryable: {
    status: 409,
    retryable: false,
    title: 'The job cannot be retried',
    meaning:
      'Only a failed job whose text is still kept can be run again. Also the answer to a call whose job another call cancelled.',
    remedy: 'Do as `detail` says: wait for a job that goes on, post anew what was cancelled.',
  },
  job_not_cancellable: {
    status: 409,
    retryable: false,
    title: 'The job cannot be cancelled',
    meaning: 'The job has ended.',
    remedy: 'Read what came of it under `GET /agent/jobs/{id}`.',
  },
  idempotency_in_flight: {
    status: 409,
    retryable: true,
    title: 'The first request is still running',
    meaning: 'The first request with this `Idempotency-Key` is still running.',
    remedy: 'Send the same request again in a moment.',
  },
  caller_key_unavailable: {
    status: 409,
    retryable: false,
    title: 'The sealed key is gone',
    meaning:
      'The sealed key of this job is gone or has expired. No provider was called without it.',
    remedy:
      'Retry the job with `llm` (`POST /agent/jobs/{id}/retry`), or send a synchronous request again.',
  },
  payload_too_large: {
    status: 413,
    retryable: false,
    title: 'The body is too large',
    meaning: 'The body is larger than this route takes: 2 MiB, of a batch 16 MiB.',
    remedy: 'Split it into several requests.',
  },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    title: 'Unsupported media type',
    meaning: 'The body is not sent as `application/json`, or is compressed.',
    remedy: 'Send `Content-Type: application/json` and the body as it is.',
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key was used before',
    meaning: 'This `Idempotency-Key` was used with another body.',
    remedy: 'Use a new key for a new request.',
  },
  supersession_invalid: {
    status: 422,
    retryable: false,
    title: 'This supersession is not possible',
    meaning:
      'A memory cannot be superseded by itself, by one that it supersedes, or by another tenant’s.',
    remedy: 'Name a current memory of the same tenant that is not part of the chain.',
  },
  llm_model_invalid: {
    status: 422,
    retryable: false,
    title: 'The provider does not know the model',
    meaning: 'The provider does not know the model or deployment.',
    remedy: 'Correct `llm.model`; for Azure it is the deployment’s name.',
  },
  llm_endpoint_invalid: {
    status: 422,
    retryable: false,
    title: 'The provider does not know the endpoint',
    meaning:
      'The provider does not know the path or the `api_version`, or the host answers with something other than a completion: a page, or JSON of another API. `detail` says which URL was called.',
    remedy: 'Correct `llm.base_url` or `llm.extra.api_version`.',
  },
  llm_context_length_exceeded: {
    status: 422,
    retryable: false,
    title: 'The text is too long for the model',
    meaning: 'The text is too long for this model.',
    remedy: 'Send less, or choose a model with a larger window.',
  },
  llm_content_filtered: {
    status: 422,
    retryable: false,
    title: 'The provider filtered the content',
    meaning: 'The provider’s filter, or the model itself, refused this content.',
    remedy: 'Change the text or the provider’s filter, or choose another model.',
  },
  llm_rejected_request: {
    status: 422,
    retryable: false,
    title: 'The provider rejected the request',
    meaning:
      'The provider rejected the request for a reason of its own. Its message is in `detail`.',
    remedy: 'Do as that message says, or choose another model.',
  },
  llm_rate_limited: {
    status: 429,
    retryable: true,
    title: 'The provider limits the rate',
    meaning: 'The provider limits the rate. `Retry-After` is the provider’s own.',
    remedy: 'Wait for `Retry-After`, then send the same request.',
  },
  llm_quota_exhausted: {
    status: 429,
    retryable: false,
    title: 'The quota at the provider is exhausted',
    meaning: 'The account at the provider has no credit or quota left.',
    remedy: 'Raise it at the provider. Waiting does not help.',
  },
  rate_limited: {
    status: 429,
    retryable: true,
    title: 'Too many requests',
    meaning:
      'Too many requests to Aurra: by this API key in a minute, by this account at the same time, with keys that providers refused, with too many bytes of bodies under way at once, or with wrong operator’s tokens. `detail` names the limit, and `RateLimit-Policy` where it is counted in requests.',
    remedy: 'Wait for `Retry-After`, then send the same request.',
  },
  quota_exceeded: {
    status: 429,
    retryable: false,
    title: 'The plan’s quota is used up',
    meaning: 'The plan’s writes or queries of this month are used up.',
    remedy:
      'Wait for the next month (`Retry-After`, `GET /plan/status`), or move to a larger plan. After seven days the account is blocked.',
  },
  internal: {
    status: 500,
    retryable: false,
    title: 'Internal error',
    meaning: 'A bug on our side.',
    remedy: 'Report it with `request_id`: the log has it.',
  },
  llm_invalid_output: {
    status: 502,
    retryable: false,
    title: 'The model gave no usable output',
    meaning:
      'The model answered, but not in a usable form, and one repair turn did not help; or the answer is larger than its limit of tokens allows, or nested too deeply.',
    remedy: 'Choose a stronger model, or one that takes a JSON schema.',
  },
  llm_unavailable: {
    status: 503,
    retryable: true,
    title: 'The provider cannot be reached',
    meaning:
      'The provider cannot be reached: DNS, connection, TLS, timeout, a redirect, a 5xx, or an answer that breaks off.',
    remedy: 'Try again later. If it stays so, check `llm.base_url`.',
  },
  bundled_llm_unavailable: {
    status: 503,
    retryable: false,
    title: 'The bundled model is unavailable',
    meaning:
      'This installation has no model account of its own, or the provider refuses that account. The operator’s log says why.',
    remedy: 'Pass `llm` with a provider, a model and a key.',
  },
  unavailable: {
    status: 503,
    retryable: true,
    title: 'The service is unavailable',
    meaning:
      'Postgres or the queue is down or full, the gateway holds as many bytes of requests as it may, a worker did not answer in time, or a search took too long. `detail` says which.',
    remedy:
      'Wait for `Retry-After`, then send the same request. If it took too long, shorten the question or narrow the filter.',
  },
} as const satisfies Record<string, CodeMeaning>;

/** Texts may hold `code` in backticks and no other markup. */
interface CodeMeaning {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  readonly meaning: string;
  /** What the caller should do next, in one or two sentences. */
  readonly remedy: string;
}

export type ErrorCode = keyof typeof CODES;
