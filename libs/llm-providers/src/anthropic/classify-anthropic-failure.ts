import { statedReason, withRefusedKeys } from '../errors/failure-words.js';
import type { LlmErrorCode } from '../errors/llm.error.js';
import { judgedStatus, type ProviderFailure } from '../errors/provider-failure.js';

/** https://platform.claude.com/docs/en/api/errors. Order matters: an empty balance and a long prompt are plain 400s. */
export const classifyAnthropicFailure = withRefusedKeys(classify);

function classify(failure: ProviderFailure): LlmErrorCode {
  const { type, code, message, isHtml } = failure;
  const status = judgedStatus(failure);
  if (isHtml && (status === 404 || status === 405)) return 'llm_endpoint_invalid';
  if (isHtml && status === 413) return 'llm_context_length_exceeded';
  if (isHtml && status !== 401 && status !== 429) return 'llm_unavailable';
  if (
    code === 'enforced_spend_limit_reached' ||
    /credit balance is too low|spend limit/i.test(message)
  ) {
    return 'llm_quota_exhausted';
  }
  if (/prompt is too long|context (window|length|limit)|too many (input )?tokens/i.test(message)) {
    return 'llm_context_length_exceeded';
  }
  if (/content filtering policy|output blocked/i.test(message)) return 'llm_content_filtered';
  const stated = statedReason(failure, status);
  if (stated) return stated;
  switch (type ?? '') {
    case 'authentication_error':
      return 'llm_auth_failed';
    case 'permission_error':
      return 'llm_permission_denied';
    case 'billing_error':
      return 'llm_quota_exhausted';
    case 'not_found_error':
      return unknownName(message);
    case 'request_too_large':
      return 'llm_context_length_exceeded';
    case 'rate_limit_error':
      return 'llm_rate_limited';
    case 'overloaded_error':
    case 'api_error':
    case 'timeout_error':
      return 'llm_unavailable';
    default:
      return byStatus(status, message);
  }
}

/** For compatible hosts, which send the statuses but not always the types. */
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
    case 405:
      return unknownName(message);
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

/** A 404 or 405 that does not mention a model is about the path. */
function unknownName(message: string): LlmErrorCode {
  return /model/i.test(message) ? 'llm_model_invalid' : 'llm_endpoint_invalid';
}
