import { describe, expect, it } from 'vitest';

import { anthropicBaseUrl } from './anthropic/anthropic.provider.js';
import { azureBaseUrl } from './azure/azure.provider.js';
import { openAiBaseUrl } from './openai/client-options.js';

describe('a base URL is normalised', () => {
  it.each([
    ['https://host.example', 'https://host.example'],
    ['https://host.example/v1/', 'https://host.example'],
    ['https://host.example/v1/messages', 'https://host.example'],
    ['https://host.example/proxy/v1', 'https://host.example/proxy'],
  ])('for Anthropic: %s', (given, url) => {
    expect(anthropicBaseUrl(given)).toBe(url);
  });

  it.each([
    ['https://host.example', 'https://host.example/v1'],
    ['https://host.example/', 'https://host.example/v1'],
    ['https://host.example/v1/', 'https://host.example/v1'],
    ['https://host.example/v1/chat/completions', 'https://host.example/v1'],
    ['https://host.example/openai/v1', 'https://host.example/openai/v1'],
    ['https://host.example/api', 'https://host.example/api'],
  ])('for OpenAI: %s', (given, url) => {
    expect(openAiBaseUrl(given)).toBe(url);
  });

  it.each([
    ['https://res.openai.azure.com', 'https://res.openai.azure.com/openai'],
    ['https://res.openai.azure.com/openai/', 'https://res.openai.azure.com/openai'],
    [
      'https://res.openai.azure.com/openai/deployments/d/chat/completions',
      'https://res.openai.azure.com/openai',
    ],
  ])('for Azure: %s', (given, url) => {
    expect(azureBaseUrl(given)).toBe(url);
  });
});
