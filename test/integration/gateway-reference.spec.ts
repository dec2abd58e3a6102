import { describe, expect, it } from 'vitest';

import { describeApi } from '../../apps/gateway/src/openapi/openapi.js';
import { startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const gateway = await perFile(startGateway());

describe('a running gateway', () => {
  it('serves OpenAPI 3.1 with every route, and a reference page that loads nothing from another host', async () => {
    const { json } = await gateway.send('/openapi.json');
    expect(json).toMatchObject({ openapi: '3.1.0' });
    expect(Object.keys(json.paths as object)).toContain('/agent/memories');
    expect(json).toEqual(JSON.parse(JSON.stringify(describeApi(gateway.app))));
    const page = await gateway.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const asked = [...page.body.matchAll(/(?:src|href)=["']([^"']+)/g)].map(([, url]) => url ?? '');
    expect(asked.length).toBeGreaterThan(2);
    for (const url of asked.filter((one) => !one.startsWith('#'))) {
      expect((await gateway.app.inject(new URL(url, 'http://here/').pathname)).statusCode).toBe(
        200,
      );
    }
  });

  it('serves a page that runs only scripts from its own files and cannot be framed', async () => {
    const page = await gateway.app.inject('/docs');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
    );
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=|javascript:/i);
  });

  it('sends every answer with a content type and a policy that loads nothing', async () => {
    for (const url of [
      '/docs',
      '/docs/errors',
      '/openapi.json',
      '/health/live',
      '/agent/memories',
      '/x',
      '/%zz',
    ]) {
      const { headers } = await gateway.app.inject(url);
      expect({ url, ...headers }).toMatchObject({
        url,
        'content-security-policy': expect.stringMatching(
          /default-src 'none';.*frame-ancestors 'none'/,
        ),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('serves the page of errors that the type of each problem links to, without authentication', async () => {
    const { json } = await gateway.send('/agent/memories', { key: '' });
    const [path = '', anchor] = String(json.type).split('#');
    const page = await gateway.app.inject(path);
    expect(page.statusCode).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
      'x-request-id': expect.any(String),
    });
    expect(page.body).toContain(`<section id="${anchor}">`);
    expect(page.body).toContain('<h1>Errors</h1>');
    expect((await gateway.app.inject('/docs')).body).not.toContain('<h1>Errors</h1>');
  });

  it('reports that it is ready, and names each dependency', async () => {
    expect((await gateway.send('/health/ready')).json).toEqual({
      status: 'ok',
      checks: { postgres: 'ok', queue: 'ok' },
      settings: { queue: 'ok' },
    });
  });
});
