import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Egress } from './guarded-fetch.js';
import { goingBy, WAYS } from './testing/ways-out.js';

let server: Server;
let port: number;
let sockets: number;
const open: Egress[] = [];

beforeEach(async () => {
  sockets = 0;
  server = createServer((_request, response) => response.end('hello')).on(
    'connection',
    () => (sockets += 1),
  );
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  ({ port } = server.address() as AddressInfo);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((egress) => egress.close()));
  server.closeAllConnections();
  server.close();
});

describe.each(WAYS)('by %s', (way) => {
  function forOrigin(origin: string): ReturnType<typeof goingBy> {
    const egress = Egress.forOrigin(origin);
    open.push(egress);
    return goingBy(way, egress);
  }

  describe('the egress of the bundled account', () => {
    it('calls the operator’s own address, even a private one', async () => {
      const egress = forOrigin(`http://127.0.0.1:${port}/some/path`);
      await expect(
        egress.fetch(`http://127.0.0.1:${port}/v1`).then((answer) => answer.text()),
      ).resolves.toBe('hello');
    });

    it.each([
      'http://127.0.0.1:1',
      'https://127.0.0.1',
      'http://localhost',
      'https://api.example.org',
    ])('refuses to call %s', async (origin) => {
      const egress = forOrigin(`http://127.0.0.1:${port}`);
      await expect(egress.fetch(`${origin}/`)).rejects.toMatchObject({
        code: 'llm_base_url_forbidden',
      });
      expect(sockets).toBe(0);
    });

    it('refuses to call a metadata service, even if the operator configured it', async () => {
      const egress = forOrigin('http://169.254.169.254');
      await expect(egress.fetch('http://169.254.169.254/')).rejects.toMatchObject({
        cause: { code: 'ENOTFOUND' },
      });
    });
  });
});
