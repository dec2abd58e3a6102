import { EgressPolicy } from '@app/egress/policy';
import { describe, expect, it } from 'vitest';
import { chooseAddresses, urlOf } from './addresses.js';
import {
  childSettings,
  inventSettings,
  loopbackButOurOwn,
  loopbackPortOf,
  type App,
} from './child-settings.js';
import { makeSecrets, readSettings } from './settings.js';

const EVERYTHING = {
  PATH: '/bin',
  DATABASE_URL: 'postgres://x/y',
  QUEUE_URL: 'redis://x',
  LISTEN_HOST: '127.0.0.1',
  PORT: '1',
  OPS_PASSWORD: 'p',
  AURRA_ADMIN_TOKEN: 't',
  CALLER_KEY_PUBLIC_KEYS: 'k:pub',
  CALLER_KEY_PRIVATE_KEYS: 'k:priv',
  BUNDLED_ANTHROPIC_API_KEY: 'sk',
  BUNDLED_LLM: 'true',
  LOG_LEVEL: 'debug',
  LD_PRELOAD: 'x',
  ANTHROPIC_CUSTOM_HEADERS: 'x: y',
};

const namesFor = (app: App): string[] => Object.keys(childSettings(app, EVERYTHING, {}));

describe('what a child is told', () => {
  it('does not let the gateway open a sealed key or spend on the bundled account', () => {
    const names = namesFor('gateway');
    expect(names).toContain('CALLER_KEY_PUBLIC_KEYS');
    expect(names).toContain('BUNDLED_LLM');
    expect(names).not.toContain('CALLER_KEY_PRIVATE_KEYS');
    expect(names).not.toContain('BUNDLED_ANTHROPIC_API_KEY');
  });

  it('keeps ops away from Postgres and from every key', () => {
    expect(namesFor('ops').toSorted()).toEqual([
      'LISTEN_HOST',
      'LOG_LEVEL',
      'OPS_PASSWORD',
      'PATH',
      'QUEUE_URL',
    ]);
  });

  it('gives the migrator the database alone', () => {
    expect(namesFor('migrator').toSorted()).toEqual(['DATABASE_URL', 'LOG_LEVEL', 'PATH']);
  });

  it.each(['gateway', 'extraction-worker', 'query-worker', 'ops', 'migrator'] as const)(
    'hands nothing else of the environment to %s',
    (app) => {
      expect(namesFor(app)).not.toContain('LD_PRELOAD');
      expect(namesFor(app)).not.toContain('ANTHROPIC_CUSTOM_HEADERS');
    },
  );

  it('takes what was made up over what is set, and leaves out what is empty', () => {
    const told = childSettings('gateway', { ...EVERYTHING, TRUST_PROXY: '' }, { PORT: '2' });
    expect(told['PORT']).toBe('2');
    expect(told).not.toHaveProperty('TRUST_PROXY');
  });
});

describe('the hosts that the launcher allows', () => {
  const policy = new EgressPolicy({
    mode: 'public',
    allowedHosts: loopbackButOurOwn([41_000, 41_001]).split(','),
  });

  it.each(['http://localhost:11434/v1', 'http://127.0.0.1:8000/v1', 'http://[::1]:8000/v1'])(
    'let a model on this machine be called: %s',
    (url) => {
      expect(policy.check(url).href).toBe(url);
    },
  );

  it.each(['http://localhost:41000/', 'http://127.0.0.1:41001/', 'http://[::1]:41000/'])(
    'keep callers away from our own ports: %s',
    (url) => {
      expect(() => policy.check(url)).toThrow(
        expect.objectContaining({ code: 'llm_base_url_forbidden' }),
      );
    },
  );
});

describe('the port of a server that is set', () => {
  it.each([
    ['postgres://u:p@127.0.0.1:5433/aurra', [5433]],
    ['postgres://localhost/aurra', [5432]],
    ['redis://[::1]', [6379]],
    ['redis://queue.example:6380', []],
    ['not a url', []],
    [undefined, []],
  ])('of %s is ours to keep when it is on this machine: %j', (url, ports) => {
    expect(loopbackPortOf(url)).toEqual(ports);
  });
});

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
