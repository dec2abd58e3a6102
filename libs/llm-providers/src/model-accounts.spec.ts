import { CallerKey } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

import { LlmClient } from './llm-client.js';
import { ModelAccounts } from './model-accounts.js';

class UncalledClient extends LlmClient {
  override generateObject = (): never => fail();
  override generateText = (): never => fail();
  override streamText = (): never => fail();
  override verify = (): never => fail();
}
const fail = (): never => {
  throw new Error('This client must not be called.');
};

const target = (key: string) => ({
  provider: 'anthropic' as const,
  model: 'm',
  key: new CallerKey(key),
});
const callers = new UncalledClient();
const own = { client: new UncalledClient(), target: target('operator') };

describe('ModelAccounts', () => {
  it('gives each account its own client', () => {
    const accounts = new ModelAccounts(callers, own);
    expect(accounts.ofCaller(target('caller'))).toMatchObject({ owner: 'caller' });
    expect(accounts.ofCaller(target('caller')).client).toBe(callers);
    expect(accounts.bundled().client).toBe(own.client);
  });

  it('does not replace a missing caller key by the bundled account, or the reverse', () => {
    expect(() => new ModelAccounts(callers, own).ofCaller(null)).toThrow(
      expect.objectContaining({ code: 'caller_key_unavailable' }),
    );
    expect(() => new ModelAccounts(callers, undefined).bundled()).toThrow(
      expect.objectContaining({ code: 'bundled_llm_unavailable' }),
    );
  });
});
