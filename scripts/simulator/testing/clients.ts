import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { AzureOpenAI } from 'openai';

/** The vendors' SDKs, without their retries. */
export function clientsOf(url: string, key = 'sk-simulated-0123456789abcdef') {
  const options = { apiKey: key, maxRetries: 0 };
  return {
    openai: new OpenAI({ ...options, baseURL: `${url}/v1` }),
    azure: new AzureOpenAI({ ...options, endpoint: url, apiVersion: '2024-10-21' }),
    azureV1: new OpenAI({ ...options, baseURL: `${url}/openai/v1` }),
    anthropic: new Anthropic({ ...options, baseURL: url }),
    compat: (flavour: string) => new OpenAI({ ...options, baseURL: `${url}/compat/${flavour}/v1` }),
  };
}

type Chat = Pick<OpenAI, 'chat'>;

/** Asks a short question through Chat Completions. */
export function askChat(client: Chat, model: string, more: object = {}) {
  return client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    ...more,
    stream: false,
  });
}

/** Asks a short question through Messages. */
export function askMessage(client: Anthropic, model: string, more: object = {}) {
  return client.messages.create({
    model,
    max_tokens: 1_024,
    messages: [{ role: 'user', content: 'Hello' }],
    ...more,
    stream: false,
  });
}
