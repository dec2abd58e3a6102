import { CallerKey, type LlmTarget } from '@app/caller-keys';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { PLAIN_QUIRKS } from '../llm-provider.js';
import { QuirkStore } from './quirk-store.js';

const target = (over: Partial<LlmTarget> = {}): LlmTarget => ({
  provider: 'openai',
  model: 'gpt-4.1',
  key: new CallerKey('sk-test-0123456789abcdef'),
  ...over,
});
const LEARNED = {
  ...PLAIN_QUIRKS,
  instructionRole: 'user',
  extraOutputTokens: 8_192,
  mostOutputTokens: 16_384,
} as const;

describe('QuirkStore', () => {
  it.each([
    [target(), 'max_completion_tokens'],
    [target({ baseUrl: 'https://api.openai.com/v1' }), 'max_completion_tokens'],
    [target({ baseUrl: 'http://127.0.0.1:11434/v1' }), 'max_tokens'],
    [
      target({ baseUrl: 'http://127.0.0.1:11434/v1', model: 'gpt-5-mini' }),
      'max_completion_tokens',
    ],
    [target({ baseUrl: 'http://127.0.0.1:11434/v1', model: 'o3-mini' }), 'max_completion_tokens'],
    [target({ baseUrl: 'http://127.0.0.1:11434/v1', model: 'gpt-oss:20b' }), 'max_tokens'],
    [target({ provider: 'azure', baseUrl: 'https://me.openai.azure.com' }), 'max_tokens'],
  ])('begins with the quirks of the provider (%#)', (where, tokenLimit) => {
    expect(new QuirkStore().get(where)).toMatchObject({ outputMode: 'json_schema', tokenLimit });
  });

  it('stores quirks by provider, host and model, and not by key', () => {
    const store = new QuirkStore();
    const where = target({ baseUrl: 'https://host.example.com/v1' });
    store.learn(where, LEARNED);
    expect(store.get({ ...where, key: new CallerKey('another') })).toEqual(LEARNED);
    expect(store.get({ ...where, model: 'other' })).not.toEqual(LEARNED);
    expect(store.get({ ...where, baseUrl: 'https://other.example.com/v1' })).not.toEqual(LEARNED);
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain('sk-test');
  });

  it('forgets after an hour', () => {
    let now = 0;
    const store = new QuirkStore(() => now);
    store.learn(target(), LEARNED);
    now = 3_599_999;
    expect(store.get(target())).toEqual(LEARNED);
    now = 3_600_000;
    expect(store.get(target())).not.toEqual(LEARNED);
  });

  it('forgets each quirk an hour after it was learned, even if others are learned later', () => {
    let now = 0;
    const store = new QuirkStore(() => now);
    store.learn(target(), { outputMode: 'prompt' });
    now = 3_000_000;
    store.learn(target(), { outputMode: 'prompt', contextTokens: 4_096 });
    now = 3_600_000;
    expect(store.get(target())).toMatchObject({ outputMode: 'json_schema', contextTokens: 4_096 });
  });

  it.each(['noteAnswered', 'noteFailedProbe'] as const)(
    'a host is not probed after %s, for each kind of request',
    (note) => {
      let now = 0;
      const store = new QuirkStore(() => now);
      expect(store.mayProbe(target(), 'stream')).toBe(true);
      store[note](target(), 'stream');
      expect(store.mayProbe(target(), 'stream')).toBe(false);
      expect(store.mayProbe(target(), 'json_schema facts')).toBe(true);
      now = 3_600_000;
      expect(store.mayProbe(target(), 'stream')).toBe(true);
    },
  );

  it('disables parallel calls at hosts that know the parameter', () => {
    const store = new QuirkStore();
    const parallel = (over: Partial<LlmTarget>) => store.get(target(over)).parallelTools;
    expect(parallel({})).toBe('off');
    expect(parallel({ provider: 'azure', baseUrl: 'https://a.openai.azure.com' })).toBe('off');
    expect(parallel({ baseUrl: 'http://127.0.0.1:11434/v1' })).toBe('unset');
    expect(parallel({ provider: 'anthropic' })).toBe('unset');
  });

  it('keeps the thousand most recently used hosts', () => {
    const store = new QuirkStore();
    for (let model = 0; model < 1_000; model += 1)
      store.learn(target({ model: `m${model}` }), LEARNED);
    store.get(target({ model: 'm0' }));
    store.learn(target({ model: 'one more' }), LEARNED);
    expect(store.get(target({ model: 'm0' }))).toEqual(LEARNED);
    expect(store.get(target({ model: 'm1' }))).not.toEqual(LEARNED);
  });
});
