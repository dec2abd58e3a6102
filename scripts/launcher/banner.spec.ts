import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curl, renderBanner } from './banner.js';

const STARTED = {
  url: 'http://127.0.0.1:8080',
  opsUrl: 'http://127.0.0.1:8081',
  opsUser: 'ops',
  opsPassword: 'ops-password',
  adminToken: 'admin-token',
  apiKey: 'aurra_key',
  simulatorUrl: 'http://127.0.0.1:9999',
  queue: 'in memory',
  database: 'embedded',
};

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  ANTHROPIC_API_KEY: 'sk-ant',
  OPENAI_API_KEY: 'sk-openai',
  AZURE_OPENAI_API_KEY: 'azure-key',
  AZURE_OPENAI_ENDPOINT: 'https://me.openai.azure.com',
  AZURE_OPENAI_DEPLOYMENT: 'my-deployment',
};

/** The page pasted into a shell whose curl only says what it was told. */
function paste(page: string): { readonly url: string; readonly body: Record<string, unknown> }[] {
  const commands = page.match(/^curl [^]*?\}'$/gm) ?? [];
  return commands.map((command) => {
    const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
    const args = execFileSync('bash', ['--norc', '-c', script], {
      env: ENVIRONMENT,
      encoding: 'utf8',
    });
    const [, url = '', , authorization, , , , body = ''] = args.split('\0');
    expect(authorization).toBe('Authorization: Bearer aurra_key');
    return { url, body: JSON.parse(body) as Record<string, unknown> };
  });
}

describe('the page that npm start prints', () => {
  const page = renderBanner(STARTED);

  it('says where everything is', () => {
    for (const value of Object.values(STARTED)) expect(page).toContain(value);
    expect(page).toContain('http://127.0.0.1:8080/docs');
  });

  it('says that the stand-in is no model', () => {
    expect(page).toContain('a rule-based stand-in that copies sentences, not a model');
  });

  it('has commands that a shell takes as they stand', () => {
    const pasted = paste(page);
    expect(pasted.map(({ url }) => url.replace(STARTED.url, ''))).toEqual([
      '/agent/memories',
      '/agent/query',
      ...Array.from({ length: 4 }, () => '/agent/memories'),
    ]);
    expect(page).toContain('One tenant_id for each end user keeps their memories apart.');
    expect(pasted.map(({ body }) => body['tenant_id'])).toEqual(Array(6).fill('dana'));
    expect(pasted.map(({ body }) => body['llm'])).toMatchObject([
      { provider: 'openai', base_url: 'http://127.0.0.1:9999/v1' },
      { provider: 'openai', base_url: 'http://127.0.0.1:9999/v1' },
      { provider: 'anthropic', key: 'sk-ant' },
      { provider: 'openai', key: 'sk-openai' },
      {
        provider: 'azure',
        model: 'my-deployment',
        base_url: 'https://me.openai.azure.com',
        key: 'azure-key',
      },
      { provider: 'openai', base_url: 'http://localhost:11434/v1' },
    ]);
  });
});

describe('a command to be pasted', () => {
  it('survives quotes, dollars and line breaks in what it sends', () => {
    const body = { text: `It's "5 $" and $(id)\nmore`, list: [{ a: 'x', n: 1 }], key: '$SECRET' };
    const script = `curl() { printf '%s' "\${@: -1}"; }\n${curl('http://x', 'k', body)}`;
    const sent = execFileSync('bash', ['--norc', '-c', script], {
      env: { SECRET: 'of the shell' },
      encoding: 'utf8',
    });
    expect(JSON.parse(sent)).toEqual({ ...body, key: 'of the shell' });
  });
});
