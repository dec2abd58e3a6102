import { describe, expect, it } from 'vitest';

import { readFailure } from '../errors/provider-failure.js';
import { anthropicRecordings } from './__fixtures__/recordings.js';
import { classifyAnthropicFailure } from './classify-anthropic-failure.js';

const classify = (status: number | null, body: unknown): string =>
  classifyAnthropicFailure(readFailure(body, status, new Headers()));

describe('a failure of Messages', () => {
  it.each(Object.entries({ ...anthropicRecordings.failures, ...anthropicRecordings.others }))(
    '%s',
    (_title, { status, body, code }) => {
      expect(classify(status, body)).toBe(code);
    },
  );

  it.each([
    [400, 'llm_rejected_request'],
    [401, 'llm_auth_failed'],
    [402, 'llm_quota_exhausted'],
    [403, 'llm_permission_denied'],
    [404, 'llm_endpoint_invalid'],
    [413, 'llm_context_length_exceeded'],
    [429, 'llm_rate_limited'],
    [500, 'llm_unavailable'],
    [529, 'llm_unavailable'],
    [null, 'llm_unavailable'],
  ])('with only the status %s', (status, code) => {
    expect(classify(status, '')).toBe(code);
  });

  it('in the middle of a stream about an overloaded server', () => {
    expect(
      classify(null, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    ).toBe('llm_unavailable');
  });
});
