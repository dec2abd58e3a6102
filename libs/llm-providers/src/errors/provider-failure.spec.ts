import { describe, expect, it } from 'vitest';

import { classifyAnthropicFailure } from '../anthropic/classify-anthropic-failure.js';
import { classifyOpenAiFailure } from '../openai/classify-openai-failure.js';
import { readFailure } from './provider-failure.js';

const read = (body: unknown, status: number | null = 400) =>
  readFailure(body, status, new Headers());
const SAID = 'max_tokens is too large';

describe('the words of a failure are found', () => {
  it.each<[string, unknown]>([
    ['a text', SAID],
    ['error', { error: { message: SAID } }],
    ['error as a text', { error: SAID }],
    ['error as a list of texts', { error: [SAID] }],
    ['a list of one', [{ error: { message: SAID } }]],
    ['error.error', { error: { error: { message: SAID } } }],
    ['error.errors[]', { error: { errors: [{ message: SAID }] } }],
    ['errors[]', { errors: [{ message: SAID }] }],
    ['errors[] of texts', { errors: [SAID] }],
    ['errors[] of JSON:API', { errors: [{ title: 'Invalid', detail: SAID }] }],
    ['msg', { msg: SAID }],
    ['error_msg', { error_code: 336_003, error_msg: SAID }],
    ['error_message', { error_message: SAID }],
    ['errorMessage', { errorMessage: SAID }],
    ['errmsg', { errcode: 40_001, errmsg: SAID }],
    ['error_description', { error: 'invalid_request', error_description: SAID }],
    ['reason', { reason: SAID }],
    ['title', { title: SAID, status: 400 }],
    [
      'detail of a problem',
      { type: 'about:blank', title: 'Bad Request', status: 400, detail: SAID },
    ],
    ['Message', { Message: SAID }],
    ['fault.faultstring', { fault: { faultstring: SAID, detail: { errorcode: 'steps.x' } } }],
    ['JSON in a text', { error: JSON.stringify({ message: SAID }) }],
    ['JSON in a message', { message: JSON.stringify({ error: { message: SAID } }) }],
    ['detail.message', { detail: { message: SAID } }],
    ['detail.error', { detail: { error: SAID } }],
    ['message.content', { message: { message: SAID } }],
    [
      'OpenRouter’s metadata.raw',
      {
        error: {
          message: 'Provider returned error',
          metadata: { raw: `{"error":{"message":"${SAID}"}}` },
        },
      },
    ],
    ['ret and msg', { ret: 1_001, msg: SAID }],
    ['base_resp', { base_resp: { status_code: 2_013, status_msg: SAID } }],
    ['code beside it', { code: 'InvalidParameter', message: SAID, data: null }],
    ['success', { success: false, message: SAID }],
    [
      'ASP.NET',
      {
        title: 'One or more validation errors occurred.',
        errors: { max_tokens: ['is too large'] },
      },
    ],
  ])('in %s', (_where, body) => {
    expect(read(body).message.replace(':', '')).toContain(SAID);
  });

  it.each<[string, unknown, string]>([
    ['FastAPI', { detail: [{ loc: ['body', 'x'], msg: 'unknown' }] }, 'body.x: unknown'],
    [
      'errors by field',
      { errors: { x: ['unknown', 'bad'], y: 'wrong' } },
      'x: unknown; bad; y: wrong',
    ],
    ['nothing', {}, ''],
    ['nothing at all', null, ''],
    ['empty texts', { error: { message: '' } }, ''],
    ['numbers alone', { error: 7, code: 9 }, ''],
  ])('and joined if there are several: %s', (_what, body, message) => {
    expect(read(body).message).toBe(message);
  });

  it('with the code, type and parameter of the same place', () => {
    expect(
      read({
        type: 'error',
        error: { type: 'invalid_request_error', message: SAID, param: 'max_tokens' },
      }),
    ).toMatchObject({ type: 'invalid_request_error', param: 'max_tokens', code: null });
    expect(read({ errors: { max_tokens: ['is too large'] } })).toMatchObject({
      param: 'max_tokens',
    });
    expect(read({ base_resp: { status_code: 2_013, status_msg: SAID } }, 200)).toMatchObject({
      code: '2013',
    });
  });

  it('with the names of all faulty fields, but not those of a repeated request', () => {
    const { words } = read({
      message: 'Bad.',
      errors: { stream_options: ['no'] },
      detail: { tools: 'unknown' },
      request: { response_format: 'json' },
    });
    expect(words).toContain('stream_options');
    expect(words).toContain('tools');
    expect(words).not.toContain('response_format');
  });
});

describe('an error of an answer with status 200', () => {
  it.each<[unknown, string]>([
    [
      { base_resp: { status_code: 2_013, status_msg: 'invalid params, unknown model' } },
      'llm_model_invalid',
    ],
    [{ code: 'InvalidParameter', message: 'x' }, 'llm_rejected_request'],
    [{ error: { type: 'invalid_request_error', message: 'x' } }, 'llm_rejected_request'],
    [{ code: 'Throttling.RateQuota', message: 'x' }, 'llm_quota_exhausted'],
    [{ code: 'rate_limit', message: 'x' }, 'llm_rate_limited'],
    [{ code: 429, message: 'x' }, 'llm_rate_limited'],
    [{ code: 1_000, message: 'unknown error' }, 'llm_unavailable'],
    [{ error: { type: 'server_error', message: 'The server had an error' } }, 'llm_unavailable'],
  ])('%j is %s', (body, code) => {
    for (const status of [200, null]) {
      expect(classifyOpenAiFailure(read(body, status))).toBe(code);
      expect(classifyAnthropicFailure(read(body, status))).toBe(code);
    }
  });
});
