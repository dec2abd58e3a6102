import { PROVIDER_ENVIRONMENT_PREFIXES } from '@app/caller-keys';
import { Egress, EgressPolicy } from '@app/egress';
import { describe, expect, it, vi } from 'vitest';

import { LlmError } from '../errors/llm.error.js';
import { connectProvider, type ProviderDefinition } from '../provider-definition.js';
import { type Bench, KEY, outcomeOf, QUIRKS, request, shown } from './provider-bench.js';
import type { Recording, Respond } from './wire-server.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Failures of a network or a broken server. They are the same for every provider. */
const BREAKAGES: Readonly<Record<string, Recording | Respond>> = {
  'a connection that is reset before it answers': (response) => void response.destroy(),
  'a connection that is reset in the middle of the body': (response) => {
    response.writeHead(200, JSON_TYPE);
    response.write('{"id":', () => response.destroy());
  },
  'a redirect': { status: 307, headers: { location: 'http://127.0.0.1:9/' }, body: '' },
  'a page of an error': {
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html>Bad gateway</html>',
  },
  'a body that is not JSON': { status: 200, body: '{"choices": [' },
  'an empty body': { status: 200, body: '' },
  'an error in an answer of status 200': {
    status: 200,
    body: { error: { message: 'Upstream broke', code: 502 } },
  },
  'an empty 500': { status: 500, body: '' },
  'an answer in an unsupported compression': (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'compress' });
    response.end('{}');
  },
};

/** Answers of a host that does not have the API at this address. */
const OTHER_APIS: Readonly<Record<string, Recording>> = {
  'a page in place of JSON': {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>hello</html>',
  },
  'a page under 404': {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: '<html>Nothing here</html>',
  },
  'an answer of another API': { status: 200, body: { hello: 'there' } },
  'a page with the content type of JSON': { status: 200, body: ' <html>hello</html>' },
  'a page under 405': {
    status: 405,
    headers: { 'content-type': 'text/html' },
    body: '<html>Not allowed</html>',
  },
  'a text under 404': {
    status: 404,
    headers: { 'content-type': 'text/plain' },
    body: '404 page not found',
  },
};

export function itSurvivesTheNetwork(bench: () => Bench, definition: ProviderDefinition): void {
  describe('over the network', () => {
    it.each(Object.entries(BREAKAGES))(
      'reports an unavailable provider for %s',
      async (_title, breakage) => {
        const { server, provider, target } = bench();
        server.answer(breakage);
        const error = await outcomeOf(provider.complete(request(), target, QUIRKS));
        expect(error).toMatchObject({ name: 'LlmError', code: 'llm_unavailable', retryable: true });
        expect(server.sent).toHaveLength(1);
      },
    );

    it.each(Object.entries(OTHER_APIS))(
      'reports a wrong address, and which one was called, for %s',
      async (_title, answer) => {
        const { server, provider, target } = bench();
        server.answer(answer);
        const error = await outcomeOf(provider.complete(request(), target, QUIRKS));
        expect(error).toMatchObject({ code: 'llm_endpoint_invalid', retryable: false });
        const [sent] = server.sent;
        const path = new URL(sent?.url ?? '', server.url).pathname;
        expect(shown(error)).toContain(`POST ${server.url}${path}`);
        expect(shown(error)).toMatch(/\. Check base_url[^?]*\."/);
        expect(server.sent).toHaveLength(1);
      },
    );

    it.each([
      ['listed', 'connection refused.'],
      ['public', 'Check base_url, or try again later.'],
    ] as const)(
      'names host and port of a %s host, and the reason only if it is listed',
      async (mode, says) => {
        const { target, server } = bench();
        const elsewhere = mode === 'listed' ? '127.0.0.1:2' : 'nowhere.invalid';
        const allowedHosts = mode === 'listed' ? ['127.0.0.1'] : [];
        const egress = new Egress(new EgressPolicy({ mode, allowedHosts }));
        const baseUrl = target.baseUrl
          ?.replace(new URL(server.url).host, elsewhere)
          .replace('http:', mode === 'listed' ? 'http:' : 'https:');
        const error = await outcomeOf(
          connectProvider(definition, egress).complete(request(), { ...target, baseUrl }, QUIRKS),
        );
        await egress.close();
        const host = mode === 'listed' ? elsewhere : `${elsewhere}:443`;
        expect((error as LlmError).message).toContain(
          mode === 'listed' ? `at ${host}: ${says}` : `at ${host}. ${says}`,
        );
      },
    );

    it('has the same message for an unknown name, a refused address and a closed port', async () => {
      const { target, server } = bench();
      const { host, port } = new URL(server.url);
      const failureAt = async (elsewhere: string, permitted: boolean): Promise<unknown> => {
        const egress = new Egress({
          checkOrigin: () => undefined,
          permitsAddress: () => permitted,
        });
        const baseUrl = target.baseUrl?.replace(host, elsewhere);
        const error = await outcomeOf(
          connectProvider(definition, egress).complete(request(), { ...target, baseUrl }, QUIRKS),
        );
        await egress.close();
        if (!(error instanceof LlmError)) return error;
        const { detail, ...rest } = error.toFailure();
        // Only the address differs, as the caller gave it.
        return { ...rest, detail: detail.replace(elsewhere, 'the address') };
      };
      server.answer({ status: 500, body: 'reached' });
      const refused = await failureAt(`localhost:${port}`, false);
      expect(refused).toMatchObject({
        code: 'llm_unavailable',
        detail: expect.stringContaining('at the address'),
      });
      expect(await failureAt(`127.0.0.1:${port}`, false)).toEqual(refused);
      expect(await failureAt('nowhere.invalid:81', true)).toEqual(refused);
      expect(await failureAt('127.0.0.1:2', true)).toEqual(refused);
      expect(server.sent).toEqual([]);
    });

    it('reports a timeout of the headers and of the body', async () => {
      const { server, provider, target } = bench();
      server.answer(
        () => undefined,
        (response) => {
          response.writeHead(200, JSON_TYPE);
          response.write('{');
        },
      );
      const hurried = () => provider.complete(request(AbortSignal.timeout(120)), target, QUIRKS);
      const late = { code: 'llm_unavailable', message: 'The provider did not answer in time.' };
      await expect(hurried()).rejects.toMatchObject(late);
      await expect(hurried()).rejects.toMatchObject(late);
      expect(server.sent).toHaveLength(2);
    });

    it('ends an aborted call with the caller’s reason and closes the connection', async () => {
      const { server, provider, target } = bench();
      const abort = new AbortController();
      const reason = new Error('the job was cancelled');
      const hungUp = new Promise<void>((resolve) => {
        server.answer((response) => {
          response.on('close', resolve);
          abort.abort(reason);
        });
      });
      await expect(provider.complete(request(abort.signal), target, QUIRKS)).rejects.toBe(reason);
      await hungUp;
    });

    it('sends no headers but those of the API', async () => {
      const { server, provider, target } = bench();
      server.answer({ status: 500, body: '' });
      await outcomeOf(provider.complete(request(), target, QUIRKS));
      const allowed = [...HTTP_HEADERS, ...definition.requestHeaders];
      expect(
        Object.keys(server.sent[0]?.headers ?? {}).filter((name) => !allowed.includes(name)),
      ).toEqual([]);
      expect(server.sent[0]?.headers['accept-encoding']).toBe('identity');
    });

    it('sends no value of an environment variable', async () => {
      const { server, provider, target } = bench();
      poison(server.url);
      server.answer({ status: 500, body: '' });
      await outcomeOf(provider.complete(request(), target, QUIRKS));
      vi.unstubAllEnvs();
      expect(server.sent).toHaveLength(1);
      expect(JSON.stringify(server.sent)).not.toContain('poison');
      expect(JSON.stringify(server.sent[0]?.headers)).toContain(KEY);
    });
  });
}

/** Headers that fetch and every API send. */
const HTTP_HEADERS =
  'host connection content-length accept accept-language accept-encoding sec-fetch-mode content-type user-agent authorization'.split(
    ' ',
  );

/** Sets every variable that an SDK reads to a value that a request would show. */
function poison(url: string): void {
  const names = [
    'API_KEY',
    'ADMIN_KEY',
    'AUTH_TOKEN',
    'ORG_ID',
    'PROJECT_ID',
    'BASE_URL',
    'API_VERSION',
    'ENDPOINT',
    'CUSTOM_HEADERS',
    'WEBHOOK_SECRET',
    'WEBHOOK_SIGNING_KEY',
    'LOG',
  ];
  const headers = [
    'Authorization',
    'X-Api-Key',
    'api-key',
    'anthropic-version',
    'anthropic-beta',
    'accept',
    'User-Agent',
    'OpenAI-Organization',
    'traceparent',
  ]
    .map((name) => `${name}: poison`)
    .join('\n');
  const variables = PROVIDER_ENVIRONMENT_PREFIXES.flatMap((prefix) =>
    names.map((name) => `${prefix}${name}`),
  );
  for (const name of variables) {
    const address = name.endsWith('URL') || name.endsWith('ENDPOINT');
    vi.stubEnv(name, name.endsWith('HEADERS') ? headers : address ? `${url}/poison` : 'poison');
  }
}
