import { describe, expect, it } from 'vitest';

import { readFailure } from '../errors/provider-failure.js';
import { openAiRecordings } from './__fixtures__/recordings.js';
import { classifyOpenAiFailure } from './classify-openai-failure.js';

const classify = (status: number | null, body: unknown, headers = {}): string =>
  classifyOpenAiFailure(readFailure(body, status, new Headers(headers)));

describe('a failure of Chat Completions', () => {
  it.each(Object.entries({ ...openAiRecordings.failures, ...openAiRecordings.others }))(
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
    [405, 'llm_endpoint_invalid'],
    [408, 'llm_unavailable'],
    [413, 'llm_context_length_exceeded'],
    [422, 'llm_rejected_request'],
    [429, 'llm_rate_limited'],
    [500, 'llm_unavailable'],
    [529, 'llm_unavailable'],
    [null, 'llm_unavailable'],
  ])('with only the status %s', (status, code) => {
    expect(classify(status, '')).toBe(code);
  });

  it.each([
    [400, 'Model Not Exist', 'llm_model_invalid'],
    [400, 'x/y is not a valid model ID', 'llm_model_invalid'],
    [404, 'No endpoints found for x/y.', 'llm_model_invalid'],
    [500, 'Model Not Exist', 'llm_unavailable'],
    [403, 'Input was flagged', 'llm_content_filtered'],
    [403, 'Project flagged for review', 'llm_permission_denied'],
  ])('under %i that says "%s"', (status, message, code) => {
    expect(classify(status, { error: { message } })).toBe(code);
  });

  it.each([404, 405])('an HTML page under %i means a wrong path', (status) => {
    expect(classify(status, '<!doctype html><p>no model here</p>')).toBe('llm_endpoint_invalid');
  });

  it.each([400, 403, 503])('an HTML page under %i means an unavailable provider', (status) => {
    expect(classify(status, '<!doctype html><p>model maximum context length</p>')).toBe(
      'llm_unavailable',
    );
  });

  it.each([
    [401, 'llm_auth_failed'],
    [429, 'llm_rate_limited'],
  ])('an HTML page under %i is classified by its status', (status, code) => {
    expect(classify(status, '<html></html>')).toBe(code);
  });
});
