import { describe, expect, it } from 'vitest';

import { llmTargetSchema } from './llm-target.schemas.js';

const OPENAI = { provider: 'openai', model: 'gpt-5', key: 'sk-0123456789abcdef' };
const AZURE = {
  ...OPENAI,
  provider: 'azure',
  model: 'my-deployment',
  base_url: 'https://res.openai.azure.com',
  extra: { api_version: '2024-10-21' },
};

const faultsOf = (llm: unknown): string[] => {
  const read = llmTargetSchema.safeParse(llm);
  return read.success ? [] : read.error.issues.map(({ path }) => path.join('/'));
};

describe('the llm object', () => {
  it.each([
    ['openai', OPENAI],
    [
      'api_key as another name',
      { provider: 'openai', model: 'gpt-5', api_key: 'sk-0123456789abcdef' },
    ],
    ['an OpenAI-compatible host', { ...OPENAI, base_url: 'http://127.0.0.1:11434/v1' }],
    ['anthropic', { ...OPENAI, provider: 'anthropic', model: 'claude-opus-4-7' }],
    ['a provider in any case', { ...OPENAI, provider: 'OpenAI' }],
    ['azure in any case', { ...AZURE, provider: 'AZURE' }],
    ['azure', AZURE],
    [
      'azure with api_version at the top',
      { ...AZURE, extra: undefined, api_version: '2024-12-01-preview' },
    ],
    [
      'azure, undated',
      { ...AZURE, extra: undefined, base_url: 'https://res.openai.azure.com/openai/v1' },
    ],
    [
      'null for absent',
      { ...OPENAI, api_key: null, base_url: null, api_version: null, extra: null },
    ],
    ['a model of a compatible host', { ...OPENAI, model: 'meta-llama/Llama-3.3-70B:free' }],
    ['a model with spaces', { ...OPENAI, model: 'Llama 3 8B Instruct' }],
    ['a model in any script', { ...OPENAI, model: '模型 “é” 🦙' }],
    ['a model of 256 characters outside the basic plane', { ...OPENAI, model: '🦙'.repeat(256) }],
  ])('accepts %s', (_case, llm) => {
    expect(faultsOf(llm)).toEqual([]);
  });

  it.each([
    ['an unknown provider', { ...OPENAI, provider: 'cohere' }, 'provider'],
    ['no model', { provider: 'openai', key: 'k' }, 'model'],
    ['a model of spaces', { ...OPENAI, model: ' \n ' }, 'model'],
    ['a model of 257 characters', { ...OPENAI, model: 'm'.repeat(257) }, 'model'],
    ['a line break in the model', { ...OPENAI, model: 'gpt\n5' }, 'model'],
    ['a tab in the model', { ...OPENAI, model: 'gpt\t5' }, 'model'],
    ['a line separator in the model', { ...OPENAI, model: 'gpt\u20285' }, 'model'],
    [
      'a control character of the second block in the model',
      { ...OPENAI, model: 'a\u009bb' },
      'model',
    ],
    ['an invisible character in the model', { ...OPENAI, model: 'gpt\u200b5' }, 'model'],
    ['a model that turns the writing direction', { ...OPENAI, model: 'gpt\u202e5' }, 'model'],
    ['half a surrogate pair in the model', { ...OPENAI, model: 'gpt\ud800' }, 'model'],
    ['a deployment with a space', { ...AZURE, model: 'my deployment' }, 'model'],
    ['no key', { provider: 'openai', model: 'gpt-5' }, 'key'],
    [
      'a base_url without a key',
      { provider: 'openai', model: 'gpt-5', base_url: 'https://llm.example' },
      'key',
    ],
    ['both names of the key', { ...OPENAI, api_key: 'sk-0123456789abcdef' }, 'key'],
    ['a line break in the key', { ...OPENAI, key: 'sk-01234\n56789' }, 'key'],
    ['a key that is not ASCII', { ...OPENAI, key: 'sk-ключ' }, 'key'],
    ['a key of more than 8 KiB', { ...OPENAI, key: 'k'.repeat(8 * 1024 + 1) }, 'key'],
    ['an unknown field', { ...OPENAI, temperature: 0 }, ''],
    [
      'an unknown field in extra',
      { ...AZURE, extra: { api_version: '2024-10-21', region: 'x' } },
      'extra',
    ],
    ['a base_url with a user', { ...OPENAI, base_url: 'https://u:p@llm.example' }, 'base_url'],
    ['a base_url with an empty user', { ...OPENAI, base_url: 'https://@llm.example' }, 'base_url'],
    ['a base_url with a query', { ...OPENAI, base_url: 'https://llm.example/?' }, 'base_url'],
    [
      'a base_url with a fragment',
      { ...OPENAI, base_url: 'https://llm.example#.azure.com' },
      'base_url',
    ],
    ['a base_url with a backslash', { ...OPENAI, base_url: 'https://llm.example\\x' }, 'base_url'],
    ['another scheme', { ...OPENAI, base_url: 'ftp://llm.example' }, 'base_url'],
    ['azure without base_url', { ...AZURE, base_url: undefined }, 'base_url'],
    ['azure without api_version', { ...AZURE, extra: undefined }, 'extra/api_version'],
    [
      'azure with an odd api_version',
      { ...AZURE, extra: { api_version: '2024-10-21&x=1' } },
      'extra/api_version',
    ],
    [
      'a deployment that climbs out of its path',
      { ...AZURE, model: '../../openai/files#' },
      'model',
    ],
    ['a deployment named ..', { ...AZURE, model: '..' }, 'model'],
    ['api_version for another provider', { ...OPENAI, api_version: '2024-10-21' }, 'api_version'],
  ])('refuses %s', (_case, llm, path) => {
    expect(faultsOf(llm)).toContain(path);
  });

  it('never quotes a value in a fault', () => {
    const read = llmTargetSchema.safeParse({
      ...OPENAI,
      key: 'sk-canary\nx',
      provider: 'sk-canary',
      extra: { 'sk-canary': 1 },
    });
    expect(read.error?.issues.map(({ message }) => message).join()).not.toContain('sk-canary\nx');
  });

  it('reports one fault for an empty key, which an unset variable causes', () => {
    const { error } = llmTargetSchema.safeParse({ ...OPENAI, key: '' });
    expect(error?.issues.map(({ message }) => message)).toEqual(['must not be empty']);
  });

  it('drops a line break at the end of a key, which pasting leaves there', () => {
    expect(llmTargetSchema.parse({ ...OPENAI, key: 'sk-0123456789abcdef\n' }).key.reveal()).toBe(
      'sk-0123456789abcdef',
    );
  });

  it('drops white space around a model', () => {
    expect(llmTargetSchema.parse({ ...OPENAI, model: ' Llama 3\u00a0\n' }).model).toBe('Llama 3');
    expect(llmTargetSchema.parse({ ...AZURE, model: 'my-deployment ' }).model).toBe(
      'my-deployment',
    );
  });

  it('does not show the key when it is serialised after parsing', () => {
    expect(JSON.stringify(llmTargetSchema.parse(OPENAI))).not.toContain(OPENAI.key);
  });

  it('reports one fault for an empty model, also for a deployment', () => {
    const issues = llmTargetSchema.safeParse({
      provider: 'azure',
      model: '',
      key: 'a-key-0123456789',
      base_url: 'https://ours.openai.azure.com/openai/v1',
    }).error?.issues;
    expect(issues?.map(({ path, message }) => [path.join('/'), message])).toEqual([
      ['model', 'must not be empty'],
    ]);
  });
});

it.each([
  ['groq', /^must be one of .*; for a host that speaks OpenAI's API use `openai` with `base_url`$/],
  [undefined, /^is required: one of anthropic, openai, azure$/],
  [7, /^is required: one of anthropic, openai, azure$/],
])('an unknown provider %j is refused with the names that exist', (provider, said) => {
  const read = llmTargetSchema.safeParse({ ...OPENAI, provider });
  expect(read.error?.issues.map(({ message }) => message)).toEqual([expect.stringMatching(said)]);
});
