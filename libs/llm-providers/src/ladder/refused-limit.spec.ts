import { describe, expect, it } from 'vitest';

import { stepDown } from './ladder.js';
import { LlmError, type LlmErrorCode } from '../errors/llm.error.js';
import type { Step } from './refused-call.js';
import { QUIRKS, type RefusedAt, refusedCall } from '../testing/provider-bench.js';

const stepAfter = (
  message: string,
  code: LlmErrorCode = 'llm_rejected_request',
  over: RefusedAt = {},
  status = 400,
): Step | undefined => {
  const provider = { name: 'openai', model: 'm', type: null, code: null, requestId: null };
  return stepDown(
    new LlmError(code, message, { provider: { ...provider, status } }),
    refusedCall(over),
  );
};

describe('the limit on the answer after a refusal', () => {
  it.each<[string, number]>([
    [
      'max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.',
      4_096,
    ],
    ["'max_tokens' must be less than or equal to 4096", 4_096],
    [
      '`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      4_096,
    ],
    ['max_tokens: maximum value is 4096', 4_096],
    [
      'max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3-opus-20240229',
      4_096,
    ],
    ['Range of max_tokens should be [1, 4096]', 4_096],
    ['max_tokens 范围 [1,4096]', 4_096],
    ['max_tokens 参数错误，最大值为4096', 4_096],
    ['max_tokens darf höchstens 4.096 sein', 4_096],
    ['max_tokens should be between 1 and 4,096', 4_096],
    ['Invalid max_tokens value, the valid range of max_tokens is [1, 512]', 512],
    [
      'The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.',
      4_096,
    ],
    [
      'Unable to submit request because it has a maxOutputTokens value of 8192 but the supported range is from 1 (inclusive) to 4097 (exclusive).',
      4_096,
    ],
    ['max_tokens must be less than 4097', 4_096],
    ['Error code: 400 - max_new_tokens is limited to 2048 for gpt-4-0613 (2024-06-01)', 2_048],
    ['max_completion_tokens is over the limit of 4k', 4_000],
    ['1 <= max_tokens <= 4096', 4_096],
    ['The output limit is 4096 tokens, but 8192 were requested.', 4_096],
    ['#/max_tokens: 8192 is not less or equal to 4096, please reformat your input', 4_096],
    ['The max_tokens parameter is capped at 4096', 4_096],
    ['n_predict 8192 exceeds n_ctx 4096', 4_096],
    ['max_tokens: valid values are 1-4096', 4_096],
    ['max_tokens ne doit pas dépasser 4 096 jetons', 4_096],
    ['Значение max_tokens не может превышать 4\u00a0096', 4_096],
    ['输出长度超过模型最大输出限制：4096', 4_096],
  ])('is lowered to the number in "%s"', (message, mostOutputTokens) => {
    const change = { mostOutputTokens };
    const expected = { change, learned: change };
    expect(stepAfter(message)).toEqual(expected);
    expect(stepAfter(message, 'llm_unavailable', {}, 500)).toEqual(expected);
  });

  it.each([
    'max_tokens is too large',
    'max_tokens exceeds what is allowed. Error code: 400',
    'max_tokens 超过限制',
    'max_tokens: 8192 is too high',
  ])('is halved after "%s", which states no number', (message) => {
    expect(stepAfter(message)?.change).toEqual({ mostOutputTokens: 4_096 });
    expect(stepAfter(message, undefined, { isLast: true })?.change).toMatchObject({
      mostOutputTokens: 1_024,
    });
  });

  it.each([
    'max_tokens must be at most 100',
    'max_tokens must be at least 9000',
    'Your prompt is filtered',
  ])('stays after "%s"', (message) => {
    expect(stepAfter(message)).toBeUndefined();
  });

  it('returns to the requested one if it was raised for thoughts and the host states no number', () => {
    const quirks = { ...QUIRKS, extraOutputTokens: 8_192 };
    expect(stepAfter('bad request', undefined, { quirks })?.change).toEqual({
      extraOutputTokens: 0,
    });
  });

  it('is raised if the host sends an error in place of an answer that was cut off', () => {
    const message =
      'Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.';
    expect(stepAfter(message, undefined, { maxOutputTokens: 2_048 })?.change).toEqual({
      extraOutputTokens: 8_192,
    });
  });
});

describe('a window of prompt and answer', () => {
  const TOO_LONG = 'llm_context_length_exceeded';

  it.each<[string, number, number]>([
    [
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (808 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.",
      8_192,
      7_384,
    ],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 4096 tokens and your request has 1000 input tokens (8192 > 4096 - 1000). None",
      4_096,
      3_096,
    ],
    [
      "This model's maximum context length is 4096 tokens. However, you requested 8192 output tokens and your prompt contains at least 1000 input tokens, for a total of at least 9192 tokens.",
      4_096,
      3_096,
    ],
    [
      "This endpoint's maximum context length is 4096 tokens. However, you requested about 9192 tokens (1000 of text input, 8192 in the output).",
      4_096,
      3_096,
    ],
    [
      'input length and `max_tokens` exceed context limit: 1000 + 8192 > 4096, decrease input length or `max_tokens` and try again',
      4_096,
      3_096,
    ],
    [
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1000 `inputs` tokens and 8192 `max_new_tokens`',
      4_096,
      3_096,
    ],
    [
      'Please reduce the length of the messages or completion. Current length is 9192 while limit is 4096',
      4_096,
      3_096,
    ],
    [
      'Maximum context length exceeded: 1000 input tokens + 8192 output tokens > 4096',
      4_096,
      3_096,
    ],
    ['The sum of prompt tokens (1000) and max_tokens (8192) must be less than 4096.', 4_096, 3_096],
    [
      'Requested token count exceeds the maximum context length of 4096 tokens. You requested a total of 9192 tokens: 1000 tokens from the input messages and 8192 tokens for the completion.',
      4_096,
      3_096,
    ],
  ])(
    'leaves the rest that "%s" states, and is learned',
    (message, contextTokens, mostOutputTokens) => {
      for (const code of [TOO_LONG, 'llm_rejected_request'] as const) {
        expect(stepAfter(message, code)).toEqual({
          change: { contextTokens, mostOutputTokens },
          learned: { contextTokens },
        });
      }
    },
  );

  it.each([
    "This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens. Please reduce the length of the messages.",
    'prompt is too long: 211180 tokens > 200000 maximum',
    "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 4096 tokens and your request has 5000 input tokens (8192 > 4096 - 5000).",
    "This model's maximum context length is 4096 tokens. However, you requested 13192 tokens (5000 in the messages, 8192 in the completion).",
    'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    'the request exceeds the available context size (4096 tokens), try increasing it',
    'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
    "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
    'Please reduce the length of the messages.',
    'input length and `max_tokens` exceed context limit: 199990 + 8192 > 200000',
    'The prompt is too long: 5000, model maximum context length: 4096',
  ])('that the prompt alone fills does not lower the limit: "%s"', (message) => {
    expect(stepAfter(message, TOO_LONG)).toBeUndefined();
  });

  it('that must be larger than prompt and answer together leads to a slightly lower limit', () => {
    const message = 'The sum of prompt tokens (1000) and max_tokens (3096) must be less than 4096.';
    expect(stepAfter(message, undefined, { maxOutputTokens: 3_096 })?.change).toMatchObject({
      mostOutputTokens: 3_080,
    });
  });
});

describe('the tokens that a key may spend in one request', () => {
  it('lower the limit of this call only', () => {
    expect(
      stepAfter(
        'This request requires more credits, or fewer max_tokens. You requested up to 8192 tokens, but can only afford 2817.',
        'llm_quota_exhausted',
        {},
        402,
      ),
    ).toEqual({ change: { mostOutputTokens: 2_817 }, learned: {} });
    expect(
      stepAfter(
        'Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9192, please reduce your message size and try again.',
        'llm_rate_limited',
        {},
        413,
      ),
    ).toEqual({ change: { mostOutputTokens: 5_000 }, learned: {} });
  });

  it.each<[string, LlmErrorCode, number]>([
    ['Rate limit reached: Limit 6000, Used 5533, Requested 9000', 'llm_rate_limited', 429],
    ['or fewer max_tokens. You requested 8192, but can only afford 26', 'llm_quota_exhausted', 402],
    ['Request too large: Limit 6000, Requested 31538', 'llm_rate_limited', 413],
  ])('lower no limit after "%s"', (message, code, status) => {
    expect(stepAfter(message, code, {}, status)).toBeUndefined();
  });
});
