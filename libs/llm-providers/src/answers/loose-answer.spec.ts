import { describe, expect, it } from 'vitest';

import { statesFailure } from './loose-answer.js';

describe('a value that came with status 200', () => {
  it.each<[string, unknown]>([
    ['base_resp', { base_resp: { status_code: 1_004, status_msg: 'x' }, choices: null }],
    ['code', { code: 'InvalidParameter', message: 'x', data: null }],
    ['a numeric code', { code: 1_210, msg: 'x' }],
    ['ret', { ret: -1, msg: 'x' }],
    ['error_code', { error_code: 336_003, error_msg: 'x' }],
    ['errcode', { errcode: 40_001, errmsg: 'x' }],
    ['success', { success: false, msg: 'x' }],
    ['errors', { errors: [{ message: 'x' }] }],
    ['errors by field', { errors: { max_tokens: ['x'] } }],
    ['fault', { fault: { faultstring: 'x' } }],
    ['error', { error: { message: 'x' } }],
    ['an error beside a completion', { error: 'x', choices: [{}] }],
    ['object', { object: 'error', message: 'x' }],
    ['the first value of a list', [{ error: { message: 'x' } }]],
  ])('states a failure by %s', (_where, answer) => {
    expect(statesFailure(answer)).toBe(true);
  });

  const CHOICE = { message: { role: 'assistant', content: 'Paris' }, finish_reason: 'stop' };
  it.each<[string, unknown]>([
    ['a completion', { choices: [CHOICE] }],
    [
      'a completion of MiniMax',
      { choices: [CHOICE], base_resp: { status_code: 0, status_msg: 'success' } },
    ],
    ['a completion beside a code', { code: 1_000, msg: 'ok', choices: [CHOICE] }],
    ['a completion with no error', { error: null, errors: [], choices: [CHOICE] }],
    ['a message', { type: 'message', content: [], stop_reason: 'end_turn' }],
    ['an event', { type: 'message_start', message: { usage: {} } }],
    ['a chunk without choices', { choices: [], usage: { prompt_tokens: 1 } }],
    ['a keep-alive', { status: 'queued', message: 'Your request is queued' }],
    ['a success without a completion', { code: 0, message: 'ok', data: null }],
    ['a success in words', { code: 'OK', msg: 'done', ret: 0 }],
    ['a text', 'error'],
    ['an empty error', { error: { message: '', code: null } }],
    ['nothing', null],
    ['an empty list', []],
  ])('states none: %s', (_what, answer) => {
    expect(statesFailure(answer)).toBe(false);
  });
});
