import { describe, expect, it } from 'vitest';

import { forgetEnv, forgetVendorSettings } from './read-env.js';

describe('forgetVendorSettings', () => {
  it('removes the variables that vendors’ SDKs read, and keeps our own', () => {
    const environment = {
      ANTHROPIC_CUSTOM_HEADERS: 'x-api-key: planted',
      AWS_SESSION_TOKEN: 'planted',
      AZURE_OPENAI_API_KEY: 'planted',
      BUNDLED_ANTHROPIC_API_KEY: 'ours',
      DATABASE_URL: 'ours',
      GOOGLE_APPLICATION_CREDENTIALS: 'planted',
      OPENAI_ORG_ID: 'planted',
      https_proxy: 'planted',
      HTTP_PROXY: 'planted',
    };
    forgetVendorSettings(['ANTHROPIC_', 'OPENAI_', 'AZURE_'], environment);
    expect(Object.keys(environment)).toEqual(['BUNDLED_ANTHROPIC_API_KEY', 'DATABASE_URL']);
  });

  it('removes single settings by name', () => {
    const environment = { KEY: 'read', KEYS: 'kept' };
    forgetEnv(['KEY'], environment);
    expect(environment).toEqual({ KEYS: 'kept' });
  });
});
