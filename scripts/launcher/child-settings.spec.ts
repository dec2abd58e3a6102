import { describe, expect, it } from 'vitest';

import { type App, childSettings } from './child-settings.js';

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
