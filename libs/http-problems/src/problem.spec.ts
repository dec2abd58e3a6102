import { AppError } from '@app/errors';
import { HttpException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { failureOfException } from './failure-of-exception.js';
import { problemHeaders, problemOf, problemSchema } from './problem.js';

const limited = new AppError('llm_rate_limited', 'Slow down.', {
  retryAfterMs: 1_200,
  provider: {
    name: 'openai',
    model: 'gpt-5',
    status: 429,
    type: 'tokens',
    code: 'rate_limit_exceeded',
    requestId: 'req_1',
  },
});

describe('a problem', () => {
  it('has the status, title and retry rule of its code', () => {
    const problem = problemOf(limited.toFailure(), 'r-1');
    expect(problemSchema.parse(problem)).toEqual(problem);
    expect(problem).toMatchObject({
      status: 429,
      code: 'llm_rate_limited',
      retryable: true,
      retry_after_ms: 1_200,
      request_id: 'r-1',
    });
    expect(problem.provider).toEqual({
      name: 'openai',
      model: 'gpt-5',
      status: 429,
      type: 'tokens',
      code: 'rate_limit_exceeded',
      request_id: 'req_1',
    });
  });

  it('rounds the wait up to whole seconds', () => {
    expect(problemHeaders(limited.toFailure())['retry-after']).toBe('2');
  });

  it('names the limit that was reached, and when it ends', () => {
    const limit = { name: 'refused-keys', quota: 10, windowMs: 60_000 };
    const reached = new AppError('rate_limited', 'Slow down.', { retryAfterMs: 41_100, limit });
    expect(problemHeaders(AppError.fromFailure(reached.toFailure()).toFailure())).toMatchObject({
      'retry-after': '42',
      'ratelimit-policy': '"refused-keys";q=10;w=60',
      ratelimit: '"refused-keys";r=0;t=42',
    });
    expect(problemHeaders(limited.toFailure())).not.toHaveProperty('ratelimit');
  });

  it('asks for a key when none was valid', () => {
    expect(problemHeaders({ code: 'not_authenticated', detail: '' })['www-authenticate']).toBe(
      'Bearer',
    );
  });

  it('replaces the message of a body parser, which quotes the body', () => {
    const failure = failureOfException(
      Object.assign(new SyntaxError('Unexpected token in "sk-secret"'), { statusCode: 400 }),
    );
    expect(failure).toMatchObject({ code: 'invalid_request' });
    expect(JSON.stringify(failure)).not.toContain('sk-secret');
  });

  it.each([
    [new HttpException('x', 404), 'not_found'],
    [Object.assign(new Error('x'), { statusCode: 413 }), 'payload_too_large'],
    [Object.assign(new Error('x'), { statusCode: 415 }), 'unsupported_media_type'],
    [new Error('a bug that quotes sk-secret'), 'internal'],
    ['not an error', 'internal'],
    [undefined, 'internal'],
  ])('makes %s into %s', (exception, code) => {
    const failure = failureOfException(exception);
    expect(failure.code).toBe(code);
    expect(failure.detail).not.toContain('sk-secret');
  });
});
