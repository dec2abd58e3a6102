import { CallerKey, keyUnavailable, type LlmTarget } from '@app/caller-keys';
import { type LlmClient, ModelAccounts } from '@app/llm-providers';
import { type WriteClaim } from '@app/memory';
import { aContentWrite, aMessagesWrite, aPolicy } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { classifierAccount } from './classifier-account.js';

const client = {} as LlmClient;
const target = (provider: LlmTarget['provider'], key = 'caller'): LlmTarget => ({
  provider,
  model: 'm',
  key: new CallerKey(key),
  baseUrl: 'https://llm.example',
});
const both = new ModelAccounts(client, { client, target: target('anthropic', 'operator') });
const callersOnly = new ModelAccounts(client, undefined);

const claim = (given: Partial<WriteClaim> = {}): WriteClaim => ({
  id: 'w',
  run: 1,
  attempt: 1,
  asker: { accountId: 'a', apiKeyId: 'k' },
  request: aContentWrite({ supersession: aPolicy({ classifierModel: 'haiku' }) }),
  llmAccount: 'caller',
  callersProvider: 'anthropic',
  deadlineAt: new Date(0),
  ...given,
});
const callers = (provider: string | null, open = () => target('anthropic')) => ({ provider, open });

const gone = (): never => {
  throw keyUnavailable();
};
const other = (): LlmTarget => target('openai');

describe('classifierAccount', () => {
  it('chooses the caller’s account, on the caller’s host, with the policy’s model', () => {
    expect(classifierAccount(claim(), callers('anthropic'), both)).toMatchObject({
      owner: 'caller',
      target: { model: 'haiku', baseUrl: 'https://llm.example', provider: 'anthropic' },
    });
  });

  it('chooses no account when the envelope is missing, and never the bundled one', () => {
    const found = classifierAccount(claim(), callers('anthropic', gone), both);
    expect(found).toBe('classifier_unavailable');
  });

  it('chooses no account when the envelope holds another provider than the row names', () => {
    const found = classifierAccount(claim(), callers('anthropic', other), both);
    expect(found).toBe('classifier_unavailable');
  });

  it.each(['openai', ''])('chooses no account when the caller’s provider is %j', (provider) => {
    expect(classifierAccount(claim(), callers(provider), both)).toBe('byo_llm');
  });

  it('chooses the bundled account only for a row that names it', () => {
    expect(classifierAccount(claim({ llmAccount: 'bundled' }), callers(null), both)).toMatchObject({
      owner: 'bundled',
      target: { model: 'haiku' },
    });
    expect(classifierAccount(claim(), callers(null), both)).toBe('classifier_unavailable');
  });

  it('chooses no account when there is no bundled account', () => {
    const found = classifierAccount(claim({ llmAccount: 'bundled' }), callers(null), callersOnly);
    expect(found).toBe('classifier_unavailable');
  });

  it('may choose the bundled account for a conversation that the caller’s account has read', () => {
    const request = aMessagesWrite({ supersession: aPolicy({ classifierAccount: 'bundled' }) });
    expect(classifierAccount(claim({ request }), callers('openai'), both)).toMatchObject({
      owner: 'bundled',
    });
  });

  it('chooses no account when supersession is disabled', () => {
    const found = classifierAccount(claim({ request: aContentWrite() }), callers('openai'), both);
    expect(found).toBe('disabled');
  });
});
