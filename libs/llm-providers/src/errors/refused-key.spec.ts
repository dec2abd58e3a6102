import { describe, expect, it } from 'vitest';

import { classifyAnthropicFailure } from '../anthropic/classify-anthropic-failure.js';
import { classifyAzureFailure } from '../azure/classify-azure-failure.js';
import { classifyOpenAiFailure } from '../openai/classify-openai-failure.js';
import { readFailure } from './provider-failure.js';

const GOOGLE = {
  error: {
    code: 400,
    message: 'API key not valid. Please pass a valid API key.',
    status: 'INVALID_ARGUMENT',
    details: [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
      { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US' },
    ],
  },
};

const REFUSED_KEYS: Readonly<Record<string, unknown>> = {
  'xAI’s 400': {
    code: 'Client specified an invalid argument',
    error: 'Incorrect API key provided: xa***yz. You can obtain an API key from console.x.ai.',
  },
  'Google’s 400': GOOGLE,
  'Google’s 400 in a list': [GOOGLE],
  'Google’s reason alone': { error: { code: 400, message: 'No.', details: GOOGLE.error.details } },
  'Google’s expired key': { error: { code: 400, message: 'API key expired. Please renew it.' } },
  'an error in an error': { error: { error: { message: 'Invalid API key' } } },
  'a list of errors': { errors: [{ message: 'Invalid API key.' }] },
  'a list of texts': { errors: ['Invalid API key.'] },
  msg: { msg: 'The API key has been revoked.' },
  error_msg: { error_code: 17, error_msg: 'Invalid Access Token' },
  detail: { detail: 'Invalid API key' },
  'a code': { error: { message: 'No.', code: 'invalid_api_key' } },
  'a type': { error: { message: 'No.', type: 'authentication_error' } },
  'a masked key in the sentence': { error: { message: 'Your API key: ****abcd is invalid' } },
  'two words in the sentence': { message: 'Invalid or expired x.ai API key' },
  'plain text': 'Bad API key.',
};

const OTHERS: Readonly<Record<string, unknown>> = {
  'a model that the key may not use': {
    error: { message: 'The model is not available for your API key.' },
  },
  'a model that is wrong': { error: { message: 'Invalid model for your API key: gpt-9.' } },
  'a model or a key': { error: { message: 'Unknown model for this API key' } },
  'a limit of the key': { error: { message: 'The API key quota is exceeded, see your plan.' } },
  'a token of a grammar': { error: { message: 'Invalid token at position 5 of the schema.' } },
  'a parameter of tokens': { error: { message: 'max_tokens is invalid.' } },
  'a right of the key': { error: { message: 'This API key does not have the scope for this.' } },
};

const STATUSES = [400, 403, 404, 422, 500];

describe.each([
  ['OpenAI', classifyOpenAiFailure],
  ['Azure', classifyAzureFailure],
  ['Anthropic', classifyAnthropicFailure],
])('at %s a refused key', (_provider, classify) => {
  it.each(Object.entries(REFUSED_KEYS))('is recognised under any status: %s', (_title, body) => {
    const codes = STATUSES.map((status) => classify(readFailure(body, status, new Headers())));
    expect(codes).toEqual(STATUSES.map(() => 'llm_auth_failed'));
  });

  it.each(Object.entries(OTHERS))('is not %s', (_title, body) => {
    const codes = STATUSES.map((status) => classify(readFailure(body, status, new Headers())));
    expect(codes).not.toContain('llm_auth_failed');
  });

  it('is not recognised in a message about a rate limit', () => {
    const failure = readFailure({ message: 'Invalid API key' }, 429, new Headers());
    expect(classify(failure)).toBe('llm_rate_limited');
  });
});
