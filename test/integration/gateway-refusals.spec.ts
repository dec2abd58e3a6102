import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

import { type Sent, startGateway } from '../support/gateway.js';
import { perFile } from '../support/per-file.js';

const LLM = {
  provider: 'openai',
  model: 'gpt-5-mini',
  key: 'sk-canary-0123456789',
  base_url: 'https://api.example.com/v1',
};
const MESSAGES = [{ role: 'user', content: 'I live in London.' }];

const gateway = await perFile(startGateway());

describe('every answer', () => {
  it('has a request id, the client’s own when it is well-formed, and timings', async () => {
    const own = await gateway.send('/health/live', { headers: { 'x-request-id': 'my.id-1' } });
    expect(own.headers).toMatchObject({
      'x-request-id': 'my.id-1',
      'server-timing': expect.stringMatching(/^llm;dur=.*, db;dur=.*, queue;dur=.*, app;dur=/),
    });
    const other = await gateway.send('/nowhere', {
      headers: { 'x-request-id': 'not well formed' },
    });
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.json).toMatchObject({ request_id: other.headers['x-request-id'] });
  });
});

describe('a rejection with a problem', () => {
  const write = '/agent/memories';
  it.each<[string, string, Sent, number, string]>([
    ['an unknown path', '/agent/nothing', {}, 404, 'not_found'],
    ['a path that cannot be decoded', '/agent/memories/%zz', {}, 404, 'not_found'],
    ['a malformed id', '/memories/1', {}, 404, 'not_found'],
    ['an id that does not exist', `/agent/jobs/${randomUUID()}`, {}, 404, 'not_found'],
    ['another method', write, { method: 'PUT' }, 405, 'method_not_allowed'],
    ['no key', write, { key: '' }, 401, 'not_authenticated'],
    ['an unknown key', write, { key: `aurra_${'x'.repeat(43)}` }, 401, 'not_authenticated'],
    [
      'an unknown key, before its body is read',
      write,
      { key: 'x', body: '{' },
      401,
      'not_authenticated',
    ],
    ['malformed JSON', write, { body: '{"content": "canary' }, 400, 'invalid_request'],
    [
      'a body that is too large',
      write,
      { body: `"${'x'.repeat(2_100_000)}"` },
      413,
      'payload_too_large',
    ],
    [
      'another content type',
      write,
      { body: 'x=1', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'no model account at all',
      write,
      { body: { messages: MESSAGES } },
      503,
      'bundled_llm_unavailable',
    ],
    [
      'an address that may not be called',
      write,
      { body: { messages: MESSAGES, llm: { ...LLM, base_url: 'https://10.0.0.1/v1' } } },
      400,
      'llm_base_url_forbidden',
    ],
    [
      'a key in two places',
      '/agent/query',
      { body: { question: `what is ${LLM.key}?`, llm: LLM } },
      400,
      'invalid_request',
    ],
  ])('%s', async (_what, url, sent, status, code) => {
    const answer = await gateway.send(url, sent);
    expect(answer).toMatchObject({
      status,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
      json: { status, code, detail: expect.any(String), retryable: expect.any(Boolean) },
    });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  it('names the way to authenticate, and the allowed methods', async () => {
    const anonymous = await gateway.send(write, { key: '' });
    expect(anonymous.headers['www-authenticate']).toBe('Bearer');
    const other = await gateway.send(write, { method: 'PUT' });
    expect(other.headers['allow']).toBe('DELETE, GET, HEAD, POST');
  });

  it.each([
    ['GET', '/agent/query', 'Use POST.'],
    ['GET', '/agent/memories/batch/', 'Use POST.'],
    ['PUT', write, 'Use DELETE or GET or POST.'],
    ['POST', '/plan/status', 'Use GET.'],
  ] as const)('of %s %s names the path to use', async (method, url, sentence) => {
    const { status, json } = await gateway.send(url, { method });
    expect(status).toBe(405);
    expect(json.detail).toBe(`This address does not take this method. ${sentence}`);
  });

  it.each(['/v1/memories', '/v1', '/v2/agent/query', '/api/v1/memories'])(
    'of %s says that paths have no version',
    async (url) => {
      const { status, json } = await gateway.send(url);
      expect([status, json.code]).toEqual([404, 'not_found']);
      expect(json.detail).toContain('Paths have no version: use /agent/…');
    },
  );

  it.each<[string, unknown, string]>([
    [write, {}, '`/content` is required, unless messages is given.'],
    [write, { messages: 'x' }, '`/messages` must be a list.'],
    [
      write,
      { messages: 'x', importance_score: 11, topic: '' },
      '`/messages` must be a list (and 2 more, see `errors`).',
    ],
    [
      '/agent/query',
      { llm: { model: 'm' } },
      '`/question` is required (and 1 more, see `errors`).',
    ],
    [
      '/agent/search',
      { question: 'x', metadata: { 'My own words': null } },
      '`/metadata/…` must not be null.',
    ],
    [
      write,
      '{"content": "canary',
      'The body must be one JSON object in UTF-8, sent as application/json.',
    ],
  ])('says the first fault in its detail: %s %j', async (url, body, detail) => {
    const { status, json } = await gateway.send(url, { body });
    expect([status, json.detail]).toEqual([400, detail]);
  });

  it('shortens a path that would make the answer too long', async () => {
    const body = { question: 'x', metadata: { ['x'.repeat(100_000)]: { a: '\0' } } };
    const { json } = await gateway.send('/agent/search', { body });
    expect(json.errors).toEqual([{ path: '/metadata', message: 'holds a NUL character' }]);
  });

  it.each([
    ['limit=0', ['/limit']],
    ['limit=1001', ['/limit']],
    ['as_of=2026-05-01T09:00:00&category=food', ['/category', '/as_of']],
    ['source=a%00b', ['/source']],
    ['metadata[k]=a&metadata[k]=b', ['/metadata/k']],
    ['metadata=x', ['/metadata']],
    ['metadata[]=x', ['/metadata']],
    ['metadata[a][b]=x', ['/metadata']],
    ['metadata[__proto__]=x', ['/metadata']],
    ['cursor=x', ['/cursor']],
  ])('of a list with %s names the parameters', async (parameters, paths) => {
    const { status, json } = await gateway.send(`/agent/memories?${parameters}`);
    expect(status).toBe(400);
    expect(json.errors).toEqual(paths.map((path) => expect.objectContaining({ path })));
  });

  it('of a request id that contains the provider key does not repeat it', async () => {
    const key = 'sk-canary-0123456789';
    const { status, headers, json } = await gateway.send(write, {
      body: { messages: MESSAGES, llm: LLM },
      headers: { 'x-request-id': key },
    });
    expect({ status, code: json.code }).toEqual({ status: 400, code: 'invalid_request' });
    expect(JSON.stringify([headers, json])).not.toContain(key);
    expect(headers['x-request-id']).toBe(json.request_id);
  });

  it.each([
    ['the key as trace id', 'traceparent', (key: string) => `00-${key}-b7ad6b7169203331-01`],
    [
      'half of it as parent id',
      'traceparent',
      (key: string) => `00-${'1'.repeat(32)}-${key.slice(16)}-01`,
    ],
    ['a part of it as request id', 'x-request-id', (key: string) => `mine.${key.slice(3, 20)}`],
  ])(
    'of a header that contains a key of 32 hex digits does not repeat it: %s',
    async (_what, name, valueOf) => {
      const key = 'c0ffee1234567890c0ffee1234567890';
      const { status, headers, json } = await gateway.send(write, {
        body: { messages: MESSAGES, llm: { ...LLM, key } },
        headers: { [name]: valueOf(key), prefer: 'respond-async' },
      });
      expect({ status, code: json.code }).toEqual({ status: 400, code: 'invalid_request' });
      expect(json.errors[0].path.toLowerCase()).toBe(`/${name}`);
      expect(JSON.stringify([headers, json])).not.toContain(key.slice(3, 15));
    },
  );

  it('of a request id that contains the Aurra key does not repeat it', async () => {
    const key = `aurra_${'y'.repeat(43)}`;
    const answer = await gateway.send('/agent/memories', { key, headers: { 'x-request-id': key } });
    expect(answer.status).toBe(401);
    expect(JSON.stringify(answer)).not.toContain(key);
  });

  it('is also given to an encoded body, and to bytes that are not HTTP', async () => {
    await gateway.app.listen(0, '127.0.0.1');
    const { port } = new URL(await gateway.app.getUrl());
    const encoded = await gateway.send(write, {
      body: '{"content": "x"}',
      headers: { 'content-encoding': 'gzip' },
    });
    expect(encoded).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('BREW / HTCPCP/1.0\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 .*application\/problem\+json.*server-timing: llm;dur=0.*"code":"invalid_request"/s,
    );
  });
});

describe('a path', () => {
  it('may end with a slash, which is ignored', async () => {
    expect(await gateway.send('/agent/memories/')).toMatchObject({ status: 200 });
    expect(await gateway.send('/health/live/')).toMatchObject({ status: 200 });
    const body = { content: `Ada sails: ${randomUUID()}` };
    expect(await gateway.send('/agent/memories/', { body })).toMatchObject({ status: 200 });
    const all = await gateway.send('/agent/memories/', { method: 'DELETE' });
    expect(all).toMatchObject({ status: 400, json: { errors: [{ path: '/tenant_id' }] } });
  });

  it('that is empty redirects to the reference page', async () => {
    const answer = await gateway.send('/', { key: '' });
    expect([answer.status, answer.headers['location']]).toEqual([302, '/docs']);
    expect(await gateway.send('/docs')).toMatchObject({ status: 200 });
  });
});
