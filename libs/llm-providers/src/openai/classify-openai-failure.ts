import { statedReason, withRefusedKeys } from '../errors/failure-words.js';
import type { LlmErrorCode } from '../errors/llm.error.js';
import { judgedStatus, type ProviderFailure } from '../errors/provider-failure.js';

/** Codes or types that decide the classification, whatever the status. */
const BY_CODE: Readonly<Record<string, LlmErrorCode>> = {
  insufficient_quota: 'llm_quota_exhausted',
  billing_hard_limit_reached: 'llm_quota_exhausted',
  billing_not_active: 'llm_quota_exhausted',
  invalid_api_key: 'llm_auth_failed',
  mismatched_organization: 'llm_auth_failed',
  model_not_found: 'llm_model_invalid',
  model_not_available: 'llm_model_invalid',
  context_length_exceeded: 'llm_context_length_exceeded',
  content_filter: 'llm_content_filtered',
  content_policy_violation: 'llm_content_filtered',
  unsupported_country_region_territory: 'llm_permission_denied',
};

const UNKNOWN_MODEL = /^model not exist|is not a valid model id|^no endpoints found for /i;

/**
 * https://platform.openai.com/docs/guides/error-codes, and the variants of compatible servers. Order matters: to a single
 * request over the limit of tokens per minute, Groq answers 413, and OpenAI answers 429, which no wait resolves.
 */
export const classifyOpenAiFailure = withRefusedKeys(classify);

function classify(failure: ProviderFailure): LlmErrorCode {
  const { type, code, message, isHtml } = failure;
  const status = judgedStatus(failure);
  if (isHtml && (status === 404 || status === 405)) return 'llm_endpoint_invalid';
  // A proxy's limit on the body: a retry of the same prompt would fail too.
  if (isHtml && status === 413) return 'llm_context_length_exceeded';
  if (isHtml && status !== 401 && status !== 429) return 'llm_unavailable';
  const named = BY_CODE[code ?? ''] ?? BY_CODE[type ?? ''];
  if (named) return named;
  if (/request too large/i.test(message) && status === 429) return 'llm_quota_exhausted';
  if (code === 'rate_limit_exceeded') return 'llm_rate_limited';
  // For an unknown model, DeepSeek and OpenRouter answer 400 without a code; OpenRouter's 404 mentions no model.
  if (status !== null && status < 500 && UNKNOWN_MODEL.test(message)) return 'llm_model_invalid';
  return statedReason(failure, status) ?? byStatus(status, message);
}

function byStatus(status: number | null, message: string): LlmErrorCode {
  if (status === null || status < 400 || status >= 500) return 'llm_unavailable';
  switch (status) {
    case 401:
      return 'llm_auth_failed';
    case 402:
      return 'llm_quota_exhausted';
    case 403:
      return 'llm_permission_denied';
    case 404:
      return /model/i.test(message) ? 'llm_model_invalid' : 'llm_endpoint_invalid';
    case 405:
      return 'llm_endpoint_invalid';
    case 413:
      return 'llm_context_length_exceeded';
    case 429:
      return 'llm_rate_limited';
    case 408:
    case 424:
    case 425:
    case 499:
      return 'llm_unavailable';
    default:
      return 'llm_rejected_request';
  }
}
