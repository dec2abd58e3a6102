import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { AppError } from '@app/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { EgressPolicy, type EgressRules } from './egress-policy.js';
import { Egress } from './guarded-fetch.js';
import { goingBy, WAYS } from './testing/ways-out.js';

let server: Server;
let port: number;
let seen: IncomingMessage[];
let sockets: number;
let respond: (response: ServerResponse, request: IncomingMessage) => void;
const open: Egress[] = [];

type Way = ReturnType<typeof goingBy>;

beforeEach(async () => {
  seen = [];
  sockets = 0;
  respond = (response) => response.end('hello');
  server = createServer((request, response) => {
    seen.push(request);
    respond(response, request);
  }).on('connection', () => (sockets += 1));
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  ({ port } = server.address() as AddressInfo);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((egress) => egress.close()));
  server.closeAllConnections();
  await new Promise((closed) => {
    server.close(closed);
  });
});

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('The call did not fail.'),
    (error: unknown) => error,
  );

describe.each(WAYS)('by %s', (way) => {
  function egressBy(rules: EgressRules): Way {
    const egress = new Egress(rules);
    open.push(egress);
    return goingBy(way, egress);
  }

  const listing = (...allowedHosts: string[]): Way =>
    egressBy(new EgressPolicy({ mode: 'public', allowedHosts }));

  /** Permits every form of address, so that refusals happen at the connection. */
  const connecting = (permitsAddress: EgressRules['permitsAddress']): Way =>
    egressBy({ checkOrigin: () => undefined, permitsAddress });

  describe('a guarded call', () => {
    it('calls a listed host by address and by name', async () => {
      const { fetch } = listing('127.0.0.1', 'localhost');
      for (const host of ['127.0.0.1', 'localhost']) {
        const answer = await fetch(`http://${host}:${port}/v1?a=1`);
        expect(await answer.text()).toBe('hello');
      }
      expect(seen.map(({ url }) => url)).toEqual(['/v1?a=1', '/v1?a=1']);
    });

    it.each([
      'http://127.0.0.1',
      'https://localhost',
      'http://169.254.169.254',
      'http://2130706433',
    ])('refuses the form of %s', async (origin) => {
      const error = await errorOf(listing().fetch(`${origin}:${port}/`));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'llm_base_url_forbidden' });
      expect(sockets).toBe(0);
    });

    it.each(['localhost', '127.0.0.1', '[::ffff:127.0.0.1]', '2130706433'])(
      'opens no connection to %s if the address is refused, and fails as for an unknown name',
      async (host) => {
        const error = await errorOf(connecting(() => false).fetch(`http://${host}:${port}/`));
        expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
        expect(sockets).toBe(0);
      },
    );

    it('fails for a refused name in the same way as for an unknown one', async () => {
      const { fetch } = connecting(() => false);
      const [refused, unknown] = [
        await errorOf(fetch(`http://localhost:${port}/`)),
        await errorOf(fetch('http://nowhere.invalid/')),
      ];
      const unreachable = {
        name: 'TypeError',
        message: 'fetch failed',
        cause: { code: expect.any(String) },
      };
      expect(refused).toMatchObject(unreachable);
      expect(unknown).toMatchObject(unreachable);
    });

    it('checks each address with the name and port of the call', async () => {
      const asked: unknown[] = [];
      const { fetch } = connecting((...address) => asked.push(address) > 0);
      await (await fetch(`http://localhost:${port}/`)).text();
      expect(asked).toContainEqual(['localhost', String(port), '127.0.0.1']);
    });

    it('refuses a name that resolves to a refused address at the second call', async () => {
      let good = true;
      const { fetch } = connecting(() => good);
      respond = (response) => response.setHeader('connection', 'close').end('hello');
      await (await fetch(`http://localhost:${port}/`)).text();
      good = false;
      await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow('fetch failed');
      expect(seen).toHaveLength(1);
    });

    it('applies a rule for one port to that port only', async () => {
      const { fetch } = listing('localhost', `!localhost:${port}`);
      await expect(fetch(`http://localhost:${port}/`)).rejects.toMatchObject({
        code: 'llm_base_url_forbidden',
      });
      expect(sockets).toBe(0);
    });

    it('follows no redirect', async () => {
      const { fetch } = listing('127.0.0.1');
      respond = (response) =>
        response.writeHead(307, { location: `http://127.0.0.1:${port}/stolen` }).end();
      const error = await errorOf(
        fetch(`http://127.0.0.1:${port}/`, {
          method: 'POST',
          body: '{}',
          headers: { 'x-api-key': 'k' },
        }),
      );
      expect(error).toMatchObject({ cause: { message: 'unexpected redirect' } });
      expect(seen.map(({ url }) => url)).toEqual(['/']);
    });

    it('sends the headers that the API lists and the common ones, and no others', async () => {
      const { fetch } = listing('127.0.0.1').forApi(['x-api-key', 'api-key']);
      const headers = {
        authorization: 'Bearer k',
        'x-api-key': 'k',
        'api-key': 'k',
        'content-type': 'application/json',
        traceparent: '00-x',
        'x-stainless-os': 'Linux',
        cookie: 'a=b',
        'openai-organization': 'org',
        'accept-encoding': 'gzip',
      };
      await (
        await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}', headers })
      ).text();
      const sent = seen[0]?.headers ?? {};
      expect(sent).toMatchObject({
        authorization: 'Bearer k',
        'x-api-key': 'k',
        'api-key': 'k',
        'content-type': 'application/json',
        'accept-encoding': 'identity',
      });
      for (const name of ['traceparent', 'x-stainless-os', 'cookie', 'openai-organization'])
        expect(sent).not.toHaveProperty(name);
    });

    it('sends no key header of one API to another API', async () => {
      const egress = listing('127.0.0.1');
      const headers = { authorization: 'Bearer k', 'x-api-key': 'k', 'api-key': 'k' };
      for (const { fetch } of [egress, egress.forApi(['api-key'])])
        await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
      expect(seen.map((request) => request.headers['x-api-key'])).toEqual([undefined, undefined]);
      expect(seen.map((request) => request.headers['api-key'])).toEqual([undefined, 'k']);
    });

    it.each([
      ['gzip', gzipSync],
      ['x-gzip', gzipSync],
      ['deflate', deflateSync],
      ['deflate', deflateRawSync],
      ['br', brotliCompressSync],
    ])('decompresses an answer in %s, although the request declined it', async (encoding, pack) => {
      const { fetch } = listing('127.0.0.1');
      respond = (response) =>
        response
          .writeHead(201, { 'content-encoding': encoding, 'x-more': '1' })
          .end(pack('{"a":1}'));
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect(answer.status).toBe(201);
      expect(answer.headers.get('x-more')).toBe('1');
      await expect(answer.json()).resolves.toEqual({ a: 1 });
    });

    it('aborts an answer that exceeds 8 MiB when it is decompressed', async () => {
      const { fetch } = listing('127.0.0.1');
      respond = (response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync(Buffer.alloc(100_000_000)));
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      await expect(answer.text()).rejects.toThrow('too large when it is unpacked');
    });

    it('refuses an answer in a compression that it does not know', async () => {
      const { fetch } = listing('127.0.0.1');
      respond = (response) => response.writeHead(200, { 'content-encoding': 'compress' }).end('{}');
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('compressed');
    });

    it('aborts an answer over 8 MiB', async () => {
      const { fetch } = listing('127.0.0.1');
      respond = (response) => response.end(Buffer.alloc(9 * 1024 * 1024));
      await expect(
        fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text()),
      ).rejects.toThrow('terminated');
    });

    it('closes the connection when the call is aborted during the body', async () => {
      const { fetch } = listing('127.0.0.1');
      const abort = new AbortController();
      const hungUp = new Promise<void>((resolve) => {
        respond = (response) => {
          response.on('close', resolve);
          response.write('one');
        };
      });
      const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: abort.signal });
      abort.abort();
      await expect(answer.text()).rejects.toThrow(/abort/i);
      await hungUp;
    });

    it('closes the connection of an answer that it refuses', async () => {
      const { fetch } = listing('127.0.0.1');
      const hungUp = new Promise<void>((resolve) => {
        respond = (response) => {
          response.on('close', resolve).writeHead(307).write('one');
        };
      });
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
      await hungUp;
    });

    it('reuses a connection', async () => {
      const { fetch } = listing('127.0.0.1');
      for (let call = 0; call < 5; call += 1)
        await (await fetch(`http://127.0.0.1:${port}/`)).text();
      expect(sockets).toBeLessThan(5);
    });

    it('ignores proxy settings', async () => {
      vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:2');
      try {
        const answer = await listing('127.0.0.1').fetch(`http://127.0.0.1:${port}/`);
        expect(await answer.text()).toBe('hello');
      } finally {
        vi.unstubAllEnvs();
      }
    });

    it('makes no call after it is closed', async () => {
      const egress = listing('127.0.0.1');
      await egress.close();
      await expect(egress.fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
      expect(seen).toEqual([]);
    });
  });
});
