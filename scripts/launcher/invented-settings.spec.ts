import { describe, expect, it } from 'vitest';

import { chooseAddresses, inventSettings, urlOf } from './invented-settings.js';
import { makeSecrets, readSettings } from './settings.js';

const invented = async (given: Readonly<Record<string, string>>) => {
  const settings = readSettings({ PORT: '0', OPS_PORT: '0', ...given });
  const addresses = await chooseAddresses(settings);
  const store = { url: 'redis://127.0.0.1:6379', description: '' };
  const found = { given, settings, addresses, database: store, queue: store };
  return { addresses, settingsFor: inventSettings({ ...found, secrets: makeSecrets(given) }) };
};

const SERVERS = ['gateway', 'extraction-worker', 'query-worker', 'ops'] as const;

describe('where what npm start starts listens', () => {
  it('is this machine alone, on every port', async () => {
    const { addresses, settingsFor } = await invented({});
    for (const app of SERVERS) {
      expect(settingsFor(app)['LISTEN_HOST']).toBe('127.0.0.1');
      expect(addresses[app].readyUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/health\/ready$/);
    }
  });

  it('is what is set, and is asked for there', async () => {
    const { addresses, settingsFor } = await invented({ LISTEN_HOST: '::1' });
    expect(settingsFor('ops')['LISTEN_HOST']).toBe('::1');
    expect(addresses.ops.readyUrl).toContain('http://[::1]:');
    expect(urlOf('0.0.0.0', 1)).toBe('http://127.0.0.1:1');
  });
});

describe('a secret that is set', () => {
  it('is refused in one line where it is short, and not printed', () => {
    expect(() => readSettings({ AURRA_ADMIN_TOKEN: 'hunter2' })).toThrow(
      /^(?!.*hunter2)[^]*AURRA_ADMIN_TOKEN: must have at least 8 characters/,
    );
  });
});
