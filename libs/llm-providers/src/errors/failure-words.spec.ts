import { describe, expect, it } from 'vitest';

import { classifyAnthropicFailure } from '../anthropic/classify-anthropic-failure.js';
import { statedReason } from './failure-words.js';
import { classifyOpenAiFailure } from '../openai/classify-openai-failure.js';
import { readFailure } from './provider-failure.js';

const failed = (status: number, body: unknown) => readFailure(body, status, new Headers());
const says = (message: string, code?: string): object => ({ error: { message, code } });

const REASONS: readonly (readonly [string, number, object])[] = [
  ['llm_quota_exhausted', 500, says('insufficient balance (1008)')],
  ['llm_quota_exhausted', 403, says('Insufficient account balance', 'INSUFFICIENT_BALANCE')],
  ['llm_quota_exhausted', 403, says('用户额度不足, 剩余额度: 0', 'insufficient_user_quota')],
  ['llm_quota_exhausted', 403, { code: 'AllocationQuota.FreeTierOnly', message: 'No.' }],
  ['llm_quota_exhausted', 429, says('您的账户已欠费，请充值后重试。', '1113')],
  ['llm_quota_exhausted', 429, says('Your account is suspended, check your plan and billing')],
  ['llm_quota_exhausted', 400, says('Your account is not in good standing.', 'Arrearage')],
  ['llm_quota_exhausted', 400, says('ExceededBudget: User=x over budget.')],
  ['llm_quota_exhausted', 200, { error_code: 17, error_msg: 'Open api daily request limit' }],
  ['llm_quota_exhausted', 429, says('Exceeded your current quota: 50 per day. Retry in 9h')],
  ['llm_quota_exhausted', 400, says('You have reached your specified API usage limits.')],
  ['llm_rate_limited', 429, says('You exceeded your current quota. Please retry in 37s.')],
  ['llm_rate_limited', 400, { code: 'Throttling.RateQuota', message: 'Slow down.' }],
  ['llm_rate_limited', 403, says('Rate limit reached for requests')],
  ['llm_rate_limited', 429, says('Tokens per day (TPD): Limit 100000', 'rate_limit_exceeded')],
  ['llm_content_filtered', 400, says('Content Exists Risk')],
  ['llm_content_filtered', 400, says('Input text may be odd.', 'data_inspection_failed')],
  ['llm_content_filtered', 400, says('系统检测到输入可能包含不安全或敏感内容', '1301')],
  ['llm_content_filtered', 200, { base_resp: { status_code: 1_026, status_msg: 'new_sensitive' } }],
  ['llm_model_invalid', 400, says('Unknown model: x')],
  ['llm_model_invalid', 400, says('The model `x/y-2` does not exist or you cannot access it.')],
  ['llm_model_invalid', 400, says('Invalid model: x', '1500')],
  ['llm_model_invalid', 400, says('model x is not supported')],
  ['llm_model_invalid', 400, says('模型不存在，请检查模型代码。', '1211')],
  ['llm_model_invalid', 400, says('The model `x` has been decommissioned.')],
  ['llm_model_invalid', 503, says('No available channel for model x under group default')],
  ['llm_context_length_exceeded', 400, says('Range of input length should be [1, 30720]')],
  ['llm_context_length_exceeded', 400, says('The input token count (12) exceeds the maximum')],
  ['llm_context_length_exceeded', 422, says('输入长度超过模型限制')],
  ['llm_context_length_exceeded', 400, says('Prompt 超长', '1261')],
  ['llm_endpoint_invalid', 200, { error: 'Unexpected endpoint or method. (POST /chat)' }],
  ['llm_unavailable', 400, says('CUDA out of memory')],
  ['llm_unavailable', 409, says('The model is loading.')],
  ['llm_unavailable', 400, says('服务器繁忙')],
  ['llm_auth_failed', 400, says('Authentication Error, Invalid proxy server token passed.')],
  ['llm_auth_failed', 200, { base_resp: { status_code: 1_004, status_msg: 'login fail: no key' } }],
  ['llm_auth_failed', 401, says('令牌无效')],
];

describe.each([
  ['Chat Completions', classifyOpenAiFailure],
  ['Messages', classifyAnthropicFailure],
] as const)('a failure of %s is judged by what it says', (_api, classify) => {
  it.each(REASONS)('%s under %i: %j', (code, status, body) => {
    expect(classify(failed(status, body))).toBe(code);
  });

  it.each([424, 425, 499])('as an unavailable provider under %i', (status) => {
    expect(classify(failed(status, says('Something.')))).toBe('llm_unavailable');
  });

  it('as too long if a proxy refuses it by an HTML page', () => {
    expect(classify(failed(413, '<html>413 Request Entity Too Large</html>'))).toBe(
      'llm_context_length_exceeded',
    );
  });
});

describe('the reason in the words of a failure', () => {
  it.each([
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    'This model does not support response_format.',
    "'messages[0].role' does not support 'system' with this model.",
    'json_schema is not supported by model x',
    'max_tokens is too large: 8192. This model supports at most 4096 completion tokens.',
    'Invalid schema for response_format: the model output is invalid',
    'The model’s tools are not available',
    'Range of max_tokens should be [1, 2048]',
    '输出长度超过模型最大输出限制：4096',
    'No.',
  ])('is not read from words about a refused parameter: %s', (message) => {
    expect(statedReason(failed(400, says(message)), 400)).toBeUndefined();
  });

  it('is not read if the status is more exact, or from an HTML page', () => {
    expect(statedReason(failed(401, says('Unknown model: x')), 401)).toBeUndefined();
    expect(statedReason(failed(400, '<p>Unknown model: x</p>'), 400)).toBeUndefined();
  });
});
