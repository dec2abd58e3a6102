import type { LlmErrorCode } from './llm.error.js';
import type { ProviderFailure } from './provider-failure.js';

/** Refusals of a key in other words: LiteLLM, FastAPI, MiniMax, Tencent, New API. Under 5xx they may be about the host's own key. */
const NOT_KNOWN =
  /invalid proxy server token|^(?:authentication error|authentication fail\w{0,2}|not authenticated|unauthorized|login fail)\b|signature is invalid|身份验证失败|鉴权失败|(?:令牌|密钥)[^，。]{0,10}(?:无效|错误|过期|不可用)|无效的(?:令牌|密钥)/i;

/** Codes, types and Google's reasons (google.rpc.ErrorInfo) for a refused key, compared in lower case. */
const NAMED = new Set([
  'invalid_api_key',
  'api_key_invalid',
  'incorrect_api_key',
  'api_key_expired',
  'expired_api_key',
  'api_key_revoked',
  'invalid_authentication',
  'invalid_authentication_error',
  'authentication_error',
  'auth_error',
]);

const KEY = String.raw`(?:api[ _-]?keys?|access[ _-]?tokens?|auth(?:entication)?[ _-]?tokens?|bearer[ _-]?tokens?|x-api-key|credentials?)`;
/** Words which, between the adjective and the key, make the sentence one about the model, the quota or a permission. */
const OTHER = String.raw`(?!models?\b|quota|limit|rate|for\b|with\b|to\b|by\b|in\b|does\b|credit|auth|permission|type\b)`;
const BAD = String.raw`(?:invalid|incorrect|wrong|bad|unknown|expired|revoked|malformed|unrecogni[sz]ed)`;

/** "Incorrect API key provided", "Invalid or expired x.ai API key". Every repetition is counted. */
const BAD_KEY = new RegExp(
  String.raw`\b${BAD}\s{1,3}(?:or\s${BAD}\s)?(?:${OTHER}[\w.]{1,12}\s){0,2}${KEY}\b`,
  'i',
);
/** "API key not valid", "Your API key: ****abcd is invalid", "The API key has been revoked". */
const KEY_IS_BAD = new RegExp(
  String.raw`\b${KEY}:?\s{1,3}(?:${OTHER}['"(]?[\w*.…-]{1,80}['")]?\s){0,2}(?:not\s(?:valid|correct|recogni[sz]ed|found|active)|${BAD}|inactive|disabled|deleted|deactivated|blocked)\b`,
  'i',
);

/**
 * Whether an answer says that this key is invalid, whatever its status: xAI and Google answer 400, others 403, 404 or 422.
 * Such answers are counted, and the limit on them keeps callers from testing stolen keys.
 */
export function refusesKey({ type, code, message, html, status }: ProviderFailure): boolean {
  if (html || status === 429) return false;
  if ([type, code].some((name) => NAMED.has((name ?? '').toLowerCase()))) return true;
  if (BAD_KEY.test(message) || KEY_IS_BAD.test(message)) return true;
  return (status === null || status < 500) && NOT_KNOWN.test(message);
}

/** Codes that are more exact than `llm_auth_failed`, and are kept. */
const SAYS_MORE: ReadonlySet<LlmErrorCode> = new Set<LlmErrorCode>(['llm_quota_exhausted']);

/** Wraps a provider's classification: an answer that refuses the key becomes `llm_auth_failed`. */
export function withRefusedKeys(
  classify: (failure: ProviderFailure) => LlmErrorCode,
): (failure: ProviderFailure) => LlmErrorCode {
  return (failure) => {
    const code = classify(failure);
    return refusesKey(failure) && !SAYS_MORE.has(code) ? 'llm_auth_failed' : code;
  };
}
